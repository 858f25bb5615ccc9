/** The `path` and `pathType` of an Ingress as a condition of a rule, and its precedence. */

import type { HttpIngressPath } from '../../schema/ingress.ts';
import type { StringMatch } from '../../schema/shared.ts';
import type { Dialect, Precedence } from './ingress-rule.ts';

/** Paths that Istio and others take for any. */
const everyPath: ReadonlySet<string> = new Set(['', '*', '/*', '.*']);

/** Ends that say that a path is a prefix. */
const prefixEnds = ['.*', '/*'];

/**
 * null: every path. Istio takes `ImplementationSpecific` for an exact path, all others for `Prefix`:
 * nginx's controller, too, before it writes any location.
 */
export function pathMatch(
  { path = '', pathType = 'ImplementationSpecific' }: HttpIngressPath,
  dialect: Dialect,
): StringMatch | null {
  if (pathType === 'Exact') return { exact: path };
  if (pathType === 'Prefix') return { prefix: path === '' ? '/' : path };
  if (everyPath.has(path)) return null;
  const end = prefixEnds.find((text) => path.endsWith(text));
  if (end !== undefined) return { prefix: path.slice(0, -end.length) };
  return dialect === 'istio' ? { exact: path } : { prefix: path };
}

/** As Istio counts: with the slash at the end that a prefix loses when it is compared. */
export function precedenceOf(match: StringMatch | null): Precedence {
  const text = match?.exact ?? match?.prefix ?? '';
  return { length: text.length, isExact: match?.exact !== undefined };
}

/** Of a default backend: after a path that takes everything. */
export const lastOfAll: Precedence = { length: -1, isExact: false };

export function comparePrecedence(a: Precedence, b: Precedence): number {
  return b.length - a.length || Number(b.isExact) - Number(a.isExact);
}
