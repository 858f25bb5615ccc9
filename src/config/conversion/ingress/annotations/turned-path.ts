/** Says where rewrite-target or use-regex make something else of a path than it seems to be. */

import { translationCode } from '../../../translate/translation-findings.ts';
import type { Ingress, IngressContext } from '../ingress-rule.ts';
import type { OwnedRule } from './host-rules.ts';
import { missingGroups } from './rewrite.ts';

export interface RegexHosts {
  /** By host: the first Ingress that makes all its paths patterns. */
  readonly hosts: ReadonlyMap<string, Ingress>;
}

/** For a rule whose path is a pattern. */
export function reportTurnedPath(
  { rule, options }: OwnedRule,
  { hosts, findings }: RegexHosts & Pick<IngressContext, 'findings'>,
): void {
  const { path = '/', pathType } = rule.written ?? {};
  const place = rule.placeOf(['match']);
  const target = options?.rewriteTarget ?? null;
  const missing = target === null || target === path ? [] : missingGroups(path, target);
  if (missing.length > 0) {
    const names = missing.map((group) => `$${group}`).join(' and ');
    findings.add(translationCode.turnedPath, place, {
      message: `${path} has no group for ${names} of rewrite-target "${target}": nothing stands there`,
      hint: 'groups are in ( ), counted from the left: /app(/|$)(.*) with /$2',
    });
  }
  const other = hosts.get(rule.host);
  if (pathType !== 'Exact' || other === undefined || other === rule.ingress) return;
  if (options?.usesRegex === true || target !== null) return;
  const { namespace, name } = other.metadata;
  findings.add(translationCode.turnedPath, place, {
    message:
      `${path} is no Exact path: Ingress ${namespace}/${name} has rewrite-target or use-regex ` +
      `for ${rule.host}, so that every path matches that begins with it, in any case`,
    hint: 'write it as a pattern with $ at its end, or give the other Ingress a host of its own',
  });
}
