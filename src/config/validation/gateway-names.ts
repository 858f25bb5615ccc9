/** References to gateways: `name`, `namespace/name`, or the old `name.namespace.svc…`. */

import type { Path, Problems } from '../problem.ts';
import { hostNameMistake } from './host-names.ts';
import { isDnsLabel } from './labels.ts';

export function checkGatewayNames(
  names: readonly string[] | undefined,
  path: Path,
  problems: Problems,
): void {
  for (const [index, name] of (names ?? []).entries()) checkOne(name, [...path, index], problems);
}

function checkOne(name: string, path: Path, problems: Problems): void {
  const slash = name.indexOf('/');
  if (slash === -1) {
    const mistake = hostNameMistake(name);
    if (mistake !== null) problems.invalid(path, `"${name}" is not the name of a gateway`);
    else if (name.includes('.')) {
      const [gateway, namespace] = name.split('.');
      const hint = `write ${namespace}/${gateway}`;
      problems.doubtful(path, `"${name}" is an old way to name a gateway`, hint);
    }
    return;
  }
  const namespace = name.slice(0, slash);
  // `.` stands for the namespace of the resource.
  const isNamespace = namespace === '.' || isDnsLabel(namespace);
  if (isNamespace && isDnsLabel(name.slice(slash + 1))) return;
  problems.invalid(path, `"${name}" is not the name of a gateway`, 'write namespace/name');
}
