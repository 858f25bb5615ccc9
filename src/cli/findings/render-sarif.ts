/** Findings as SARIF 2.1.0 (OASIS), which code scanners and editors read. */

import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { programVersion } from '../../base/program-version.ts';
import type { Finding, Severity } from '../../config/finding.ts';
import { messageLink } from './message-link.ts';

const levels: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

export function renderSarif(findings: readonly Finding[]): string {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'sluice',
            semanticVersion: programVersion(),
            rules: codes.map((code) => ruleOf(code, findings)),
          },
        },
        // Columns are counted as JavaScript counts them.
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, codes)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function ruleOf(code: string, findings: readonly Finding[]): object {
  const severity = findings.find((finding) => finding.code === code)?.severity ?? 'warning';
  const link = messageLink(code);
  return {
    id: code,
    help: { text: `See ${link}`, markdown: `See [${link}](${link})` },
    defaultConfiguration: { level: levels[severity] },
  };
}

function resultOf(finding: Finding, codes: readonly string[]): object {
  const { code, severity, message, hint } = finding;
  const locations = locationsOf(finding);
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: levels[severity],
    message: { text: hint === null ? message : `${message} (${hint})` },
    ...(locations.length === 0 ? {} : { locations }),
  };
}

/** None where a finding is about nothing in particular. */
function locationsOf({ file, line, column, resource, path }: Finding): object[] {
  const place: { physicalLocation?: object; logicalLocations?: object[] } = {};
  if (file !== '') {
    place.physicalLocation = {
      artifactLocation: { uri: uriOf(file) },
      ...(line === 0 ? {} : { region: { startLine: line, startColumn: column } }),
    };
  }
  const name = [resource, path].filter((part) => part !== '').join(' ');
  if (name !== '') place.logicalLocations = [{ fullyQualifiedName: name, kind: 'object' }];
  return Object.keys(place).length === 0 ? [] : [place];
}

/** Relative paths stay relative: to the root of the repository, for who reads it. */
function uriOf(file: string): string {
  if (file === '-') return 'stdin';
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file
    .replaceAll('\\', '/')
    .replace(/^\.\//, '')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}
