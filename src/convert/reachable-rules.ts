/**
 * The rules of a host that get requests on a port. HTTPRoute goes by how exact a path is, not by
 * the order of its rules: one that an earlier rule leaves nothing to must not be there.
 */

import type { HttpMatchRequest } from '../config/schema/virtual-service.ts';
import type { PlacedRule } from './made-hosts.ts';
import { hasPlainPrefixes } from './plain-rules.ts';

export function reachableRules(rules: readonly PlacedRule[], port: number): PlacedRule[] {
  const earlier: Taken[] = [];
  const reachable: PlacedRule[] = [];
  for (const rule of rules) {
    const plain = hasPlainPrefixes(rule.spec);
    const own = (rule.spec.match ?? [{}]).filter(({ port: asked = port }) => asked === port);
    const match = own.filter((one) => !earlier.some((taken) => takes(taken, one)));
    for (const one of match) if (isUnconditional(one)) earlier.push({ match: one, plain });
    if (match.length === 0) continue;
    const withoutPort = match.map(({ port: _, ...rest }) => rest);
    reachable.push({ ...rule, spec: { ...rule.spec, match: withoutPort } });
  }
  return reachable;
}

interface Taken {
  readonly match: HttpMatchRequest;
  /** Its prefix is plain text. */
  readonly plain: boolean;
}

function isUnconditional({ uri: _, port: _port, name: _name, ...others }: HttpMatchRequest) {
  return Object.values(others).every((value) => value === undefined);
}

function takes({ match, plain }: Taken, { uri = {}, ignoreUriCase }: HttpMatchRequest): boolean {
  const wide = match.uri ?? {};
  if (wide.regex !== undefined) return wide.regex === uri.regex;
  if (wide.exact !== undefined) return wide.exact === uri.exact && ignoreUriCase !== true;
  const prefix = (wide.prefix ?? '').replace(/\/$/, '');
  if (prefix === '') return true;
  if (ignoreUriCase === true || uri.regex !== undefined) return false;
  const path = uri.exact ?? (uri.prefix ?? '').replace(/\/$/, '');
  if (plain) return path.startsWith(wide.prefix ?? '');
  return path === prefix || path.startsWith(`${prefix}/`);
}
