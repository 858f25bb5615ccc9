/** From the text of a scenario to its model; what cannot be used becomes findings with their place. */

import type { Finding } from '../config/finding.ts';
import { findingCode, severityOf } from '../config/finding-code.ts';
import { DocumentReader, type ParsedDocument } from '../config/parse/document.ts';
import { type SourceFile, splitDocuments } from '../config/parse/source-file.ts';
import { formatPath, type Problem, Problems } from '../config/problem.ts';
import { decode } from '../config/schema/decode.ts';
import { resolveScenario } from './resolve-scenario.ts';
import type { Scenario } from './scenario.ts';
import { LoadtestFile } from './schema.ts';

export interface ReadScenario {
  /** null where a finding is an error. */
  readonly scenario: Scenario | null;
  readonly findings: readonly Finding[];
  /** Knows where fields stand; null: there is none that can be read. */
  readonly document: ParsedDocument | null;
}

export interface ReadScenarioOptions {
  /** Relative paths count from it. */
  readonly folder: string;
  /** Fields of `short` take the place of others. */
  readonly short: boolean;
}

export function readScenario(file: SourceFile, options: ReadScenarioOptions): ReadScenario {
  const chunks = splitDocuments(file.text);
  const [chunk] = chunks;
  if (chunk === undefined || chunks.length > 1) {
    const findings = [notOneDocument(file.path, chunks.length)];
    return { scenario: null, document: null, findings };
  }
  const { document, findings } = new DocumentReader().read(file.path, chunk);
  if (document === null) return { scenario: null, document, findings };
  const problems = new Problems();
  const decoded = decode(LoadtestFile, document.value, [], { problems, unknown: 'error' });
  const broken = (): boolean =>
    problems.list.some(({ code }) => severityOf[code] === 'error') || findings.length > 0;
  // Without an error it is what its schema says.
  const scenario = broken() ? null : resolveScenario(decoded as LoadtestFile, options, problems);
  return {
    scenario: broken() ? null : scenario,
    document,
    findings: [
      ...findings,
      ...problems.list.map((problem) => findingOf(file.path, document, problem)),
    ],
  };
}

/** Of a problem with a field of the scenario in `file`. */
export function findingOf(file: string, document: ParsedDocument, problem: Problem): Finding {
  const { code, message, hint, path, at } = problem;
  const place = { file, ...document.locate(path, at), path: formatPath(path), resource: '' };
  return { code, severity: severityOf[code], message, hint, ...place };
}

function notOneDocument(file: string, count: number): Finding {
  const code = findingCode.missingField;
  const place = { file, line: 0, column: 0, path: '', resource: '' };
  const message = count === 0 ? 'the file is empty' : `the file has ${count} documents`;
  const hint = 'a scenario is one document';
  return { code, severity: severityOf[code], message, hint, ...place };
}
