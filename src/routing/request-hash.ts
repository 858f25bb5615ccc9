/**
 * What a consistent-hash load balancer is given: the hash of a request by its route's policies. As
 * in Envoy it is made of the request that goes upstream, after the route has changed it.
 */

import { unreachable } from '../base/assert.ts';
import type { Random } from '../base/random.ts';
import type { Hash64 } from '../base/xxhash64.ts';
import type { HeaderList } from '../http1/header-list.ts';
import type { HashPolicy } from '../model/route-policy.ts';
import type { CompiledForward } from './compiled-route.ts';
import { findCookie } from './cookie.ts';
import { findQueryParameter } from './query-string.ts';

export interface HashRequest {
  readonly method: string;
  readonly scheme: string;
  /** With `host`. */
  readonly headers: HeaderList;
  /** Path and query that the upstream is sent. */
  readonly upstreamPath: string;
  /** Address of the client without its port. */
  readonly remoteAddress: string;
  /** Address and port of both ends of the connection, the client's first, without a separator. */
  readonly connectionEnds: string;
}

export interface HashTools {
  readonly hash64: Hash64;
  readonly random: Random;
}

export interface HashResult {
  /** null if no policy finds anything to hash: any endpoint will do. */
  readonly hash: bigint | null;
  /** Values of the `set-cookie` headers that make the client stay; null for none. */
  readonly setCookies: readonly string[] | null;
}

type CookiePolicy = Extract<HashPolicy, { kind: 'cookie' }>;

const nothing: HashResult = { hash: null, setCookies: null };
const mask64 = 2n ** 64n - 1n;

export function computeHash(
  action: CompiledForward,
  request: HashRequest,
  hash64: Hash64,
): HashResult {
  if (action.hashPolicies === null) return nothing;
  let hash: bigint | null = null;
  let setCookies: string[] | null = null;
  for (const policy of action.hashPolicies) {
    let part = hashOf(policy, request, hash64);
    if (part === null && policy.kind === 'cookie' && policy.ttlSeconds !== null) {
      const value = newCookie(request, hash64);
      setCookies ??= [];
      setCookies.push(formatCookie(policy, value));
      part = hash64.hash(value);
    }
    if (part !== null) hash = combine(hash, part);
  }
  return { hash, setCookies };
}

/** The hash of what the policy names; null if the request does not have it. */
function hashOf(policy: HashPolicy, request: HashRequest, hash64: Hash64): bigint | null {
  switch (policy.kind) {
    case 'header':
      return headerHash(policy.name, request, hash64);
    case 'cookie':
      return textHash(findCookie(request.headers, policy.name), hash64);
    case 'source-ip':
      return hash64.hash(request.remoteAddress);
    case 'query-parameter':
      return textHash(findQueryParameter(queryOf(request), policy.name), hash64);
    default:
      return unreachable(policy);
  }
}

function textHash(text: string | null, hash64: Hash64): bigint | null {
  return text === null ? null : hash64.hash(text);
}

function queryOf({ upstreamPath }: HashRequest): string | null {
  const question = upstreamPath.indexOf('?');
  return question < 0 ? null : upstreamPath.slice(question + 1);
}

/**
 * Several lines are hashed in an order that does not depend on theirs, each with the hash of those
 * before it as its seed.
 */
function headerHash(name: string, request: HashRequest, hash64: Hash64): bigint | null {
  if (name.charCodeAt(0) === colon) return textHash(pseudoHeader(name, request), hash64);
  const values = request.headers.getAll(name);
  if (values.length < 2) return textHash(values[0] ?? null, hash64);
  return values.sort().reduce((seed, value) => hash64.hash(value, seed), 0n);
}

const colon = 0x3a;

/** A part of the request line by Envoy's name for it. */
function pseudoHeader(name: string, request: HashRequest): string | null {
  switch (name) {
    case ':authority':
      return request.headers.get('host') ?? null;
    case ':method':
      return request.method;
    case ':path':
      return request.upstreamPath;
    case ':scheme':
      return request.scheme;
    default:
      return null;
  }
}

/** Envoy turns the older hash by one bit, so that equal parts do not cancel each other out. */
function combine(older: bigint | null, newer: bigint): bigint {
  if (older === null) return newer;
  return (((older << 1n) & mask64) | (older >> 63n)) ^ newer;
}

/**
 * The same for all requests of a connection, so that those that are sent before the first response
 * come to one endpoint. No secret: it only says who belongs together.
 */
function newCookie({ connectionEnds }: HashRequest, hash64: Hash64): string {
  return hash64.hash(connectionEnds).toString(16).padStart(16, '0');
}

/** As Envoy writes it: quoted, attributes as given, always HttpOnly; no Max-Age for a session. */
function formatCookie(policy: CookiePolicy, value: string): string {
  let text = `${policy.name}="${value}"`;
  if (policy.ttlSeconds !== 0) text += `; Max-Age=${policy.ttlSeconds}`;
  if (policy.path !== null && policy.path !== '') text += `; Path=${policy.path}`;
  for (const { name, value: attribute } of policy.attributes) {
    text += attribute === '' ? `; ${name}` : `; ${name}=${attribute}`;
  }
  return `${text}; HttpOnly`;
}
