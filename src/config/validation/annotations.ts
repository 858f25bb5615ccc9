/** The annotations of our own that a resource has; those of others are none of our business. */

import { type Annotation, annotationPrefix, annotations } from '../annotations.ts';
import { findingCode } from '../finding-code.ts';
import type { Path, Problems } from '../problem.ts';
import type { KindName } from '../schema/kinds.ts';
import { nearestName } from '../schema/suggest.ts';

export function checkAnnotations(
  kind: KindName,
  given: Readonly<Record<string, string>>,
  problems: Problems,
): void {
  for (const [name, value] of Object.entries(given)) {
    if (!name.startsWith(annotationPrefix)) continue;
    const path = ['metadata', 'annotations', name];
    const known = annotations.get(name);
    if (known === undefined) reportUnknown(kind, path, problems);
    else if (!known.kinds.includes(kind)) reportKind(known, path, problems);
    else if (known.value === 'flag') checkFlag(value, path, problems);
  }
}

function reportUnknown(kind: KindName, path: Path, problems: Problems): void {
  const name = String(path.at(-1));
  const fitting = [...annotations].filter(([, { kinds }]) => kinds.includes(kind));
  const near = nearestName(
    name.slice(annotationPrefix.length),
    fitting.map(([other]) => other.slice(annotationPrefix.length)),
  );
  problems.add({
    code: findingCode.noEffect,
    path,
    at: 'key',
    message: `there is no annotation "${name}"; it has no effect`,
    hint: near === null ? null : `did you mean "${annotationPrefix}${near}"?`,
  });
}

function reportKind({ kinds }: Annotation, path: Path, problems: Problems): void {
  problems.add({
    code: findingCode.noEffect,
    path,
    at: 'key',
    message: `the annotation "${path.at(-1)}" has no effect here`,
    hint: `it belongs to a ${kinds.join(' or a ')}`,
  });
}

const yes: ReadonlySet<string> = new Set(['yes', 'on', 'y', '1', 'enabled', 'enable', 't']);
const no: ReadonlySet<string> = new Set(['no', 'off', 'n', '0', 'disabled', 'disable', 'f', '']);

function checkFlag(value: string, path: Path, problems: Problems): void {
  if (value === 'true' || value === 'false') return;
  problems.add({
    code: findingCode.badValue,
    path,
    at: 'value',
    message: `the annotation "${path.at(-1)}" cannot be "${value}"`,
    hint: flagHint(value.trim().toLowerCase()),
  });
}

function flagHint(value: string): string {
  if (yes.has(value)) return 'did you mean "true"?';
  if (no.has(value)) return 'did you mean "false"?';
  const near = nearestName(value, ['true', 'false']);
  return near === null ? 'it is "true" or "false"' : `did you mean "${near}"?`;
}
