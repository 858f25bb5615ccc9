/** What a consistent-hash load balancer is given: the hash of a request by its route's policies. */

import { unreachable } from '../base/assert.ts';
import { randomHex16 } from '../base/hex.ts';
import type { Random } from '../base/random.ts';
import type { Hash64 } from '../base/xxhash64.ts';
import type { HashPolicy } from '../model/route-policy.ts';
import type { CompiledForward } from './compiled-route.ts';
import { findCookie } from './cookie.ts';
import { findQueryParameter } from './query-string.ts';
import type { RouteRequest } from './route-request.ts';

export interface HashRequest extends RouteRequest {
  /** Address of the client without its port. */
  readonly remoteAddress: string;
}

export interface HashTools {
  readonly hash64: Hash64;
  readonly random: Random;
}

export interface HashResult {
  /** null if no policy finds anything to hash: any endpoint will do. */
  readonly hash: bigint | null;
  /** Value of the `set-cookie` header that makes the client stay; null for none. */
  readonly setCookie: string | null;
}

type CookiePolicy = Extract<HashPolicy, { kind: 'cookie' }>;

const nothing: HashResult = { hash: null, setCookie: null };
const mask64 = 2n ** 64n - 1n;

/** Draws randomness only for a cookie that the client does not have yet. */
export function computeHash(
  action: CompiledForward,
  request: HashRequest,
  tools: HashTools,
): HashResult {
  if (action.hashPolicies === null) return nothing;
  let hash: bigint | null = null;
  let cookie: GeneratedCookie | null = null;
  for (const policy of action.hashPolicies) {
    let key = keyOf(policy, request);
    if (key === null && policy.kind === 'cookie' && policy.ttlSeconds !== null) {
      cookie ??= { policy, value: randomHex16(tools.random) };
      // Destinations of one route mostly share the cookie. One of another name has to wait for
      // the next request.
      if (cookie.policy.name === policy.name) key = cookie.value;
    }
    if (key !== null) hash = combine(hash, tools.hash64.hash(key));
  }
  return { hash, setCookie: cookie === null ? null : formatCookie(cookie) };
}

interface GeneratedCookie {
  readonly policy: CookiePolicy;
  readonly value: string;
}

/** What the policy hashes; null if the request does not have it. */
function keyOf(policy: HashPolicy, request: HashRequest): string | null {
  switch (policy.kind) {
    case 'header':
      return headerKey(policy.name, request);
    case 'cookie':
      return findCookie(request.headers, policy.name);
    case 'source-ip':
      return request.remoteAddress;
    case 'query-parameter':
      return findQueryParameter(request.query, policy.name);
    default:
      return unreachable(policy);
  }
}

/** Several lines are hashed one behind the other, in an order that does not depend on theirs. */
function headerKey(name: string, request: HashRequest): string | null {
  const { headers } = request;
  const first = name === ':authority' || name === 'host' ? request.authority : headers.get(name);
  if (first === undefined) return null;
  const values = headers.getAll(name);
  return values.length < 2 ? first : values.sort().join('');
}

/** Envoy turns the older hash by one bit, so that equal parts do not cancel each other out. */
function combine(older: bigint | null, newer: bigint): bigint {
  if (older === null) return newer;
  return (((older << 1n) & mask64) | (older >> 63n)) ^ newer;
}

/** As Envoy writes it: quoted, attributes as given, always HttpOnly; no Max-Age for a session. */
function formatCookie({ policy, value }: GeneratedCookie): string {
  let text = `${policy.name}="${value}"`;
  if (policy.ttlSeconds !== 0) text += `; Max-Age=${policy.ttlSeconds}`;
  if (policy.path !== null && policy.path !== '') text += `; Path=${policy.path}`;
  for (const { name, value: attribute } of policy.attributes) {
    text += attribute === '' ? `; ${name}` : `; ${name}=${attribute}`;
  }
  return `${text}; HttpOnly`;
}
