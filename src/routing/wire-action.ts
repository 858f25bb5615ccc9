/**
 * The texts that an action writes into heads, as the bytes they have on the wire. Configuration is
 * validated before, so that what cannot stand in a head is a mistake of this program here.
 */

import { assert } from '../base/assert.ts';
import { wireFromUnicode } from '../base/wire-text.ts';
import { isFieldValue } from '../http1/field-syntax.ts';
import type { ForwardAction, RedirectAction } from '../model/route.ts';
import type { HashPolicy } from '../model/route-policy.ts';

export function wireForward(action: ForwardAction): ForwardAction {
  // The clusters stay the same objects, for others know them by identity.
  for (const { hostRewrite } of action.clusters) wireTargetOrNull(hostRewrite);
  return {
    ...action,
    prefixRewrite: wireTargetOrNull(action.prefixRewrite),
    hostRewrite: wireTargetOrNull(action.hostRewrite),
    hashPolicies: action.hashPolicies.map(wireHashPolicy),
  };
}

export function wireRedirect(action: RedirectAction): RedirectAction {
  return {
    ...action,
    scheme: wireTargetOrNull(action.scheme),
    host: wireTargetOrNull(action.host),
    path: wireTargetOrNull(action.path),
    prefixRewrite: wireTargetOrNull(action.prefixRewrite),
  };
}

/** A part of a request target, an authority or a URL: a blank would end it. */
export function wireTarget(text: string): string {
  const wire = wireValue(text);
  assert(!/[\t ]/.test(wire), 'no blank in a target');
  return wire;
}

function wireTargetOrNull(text: string | null): string | null {
  return text === null ? null : wireTarget(text);
}

function wireHashPolicy(policy: HashPolicy): HashPolicy {
  switch (policy.kind) {
    case 'cookie':
      return {
        ...policy,
        name: wireValue(policy.name),
        path: policy.path === null ? null : wireValue(policy.path),
        attributes: policy.attributes.map(({ name, value }) => ({
          name: wireValue(name),
          value: wireValue(value),
        })),
      };
    case 'query-parameter':
      // Only compared with the request: any text will do.
      return { ...policy, name: wireFromUnicode(policy.name) };
    default:
      return policy;
  }
}

function wireValue(text: string): string {
  const wire = wireFromUnicode(text);
  assert(isFieldValue(wire), 'text of a route can stand in a head');
  return wire;
}
