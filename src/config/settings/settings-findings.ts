/** What is wrong with the Bootstrap resources, as findings with their places. */

import type { Finding } from '../finding.ts';
import { type FindingCode, findingCode, severityOf } from '../finding-code.ts';
import { formatPath, type Path } from '../problem.ts';
import { type Resource, resourceLabel } from '../resource.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import type { SettingsError } from './setting.ts';

type Bootstrap = Resource<'Bootstrap', BootstrapSpec>;

/** Errors in flags have no place in a file and are left out. */
export function settingsFindings(
  errors: readonly SettingsError[],
  bootstraps: readonly Bootstrap[],
): readonly Finding[] {
  const used = bootstraps.at(-1);
  if (used === undefined) return [];
  const others = bootstraps.slice(0, -1).map((bootstrap) => unusedFinding(bootstrap, used));
  const wrong = errors.flatMap(({ path, message }) =>
    path === null
      ? []
      : finding(used, { code: findingCode.setting, path: ['spec', ...path], message }),
  );
  return [...others, ...wrong];
}

function unusedFinding(bootstrap: Bootstrap, used: Bootstrap): Finding {
  const { line } = used.positionOf([]);
  const message = `this Bootstrap has no effect: the last one is used, "${used.metadata.name}" of ${used.file}:${line}`;
  const hint = 'put all settings into one of them';
  return finding(bootstrap, { code: findingCode.severalBootstraps, path: [], message, hint });
}

interface Problem {
  readonly code: FindingCode;
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
}

function finding(bootstrap: Bootstrap, { code, path, message, hint = '' }: Problem): Finding {
  const { kind, metadata, file } = bootstrap;
  return {
    code,
    severity: severityOf[code],
    message,
    hint: hint === '' ? null : hint,
    file,
    ...bootstrap.positionOf(path),
    path: formatPath(path),
    resource: resourceLabel(kind, metadata.namespace, metadata.name),
  };
}
