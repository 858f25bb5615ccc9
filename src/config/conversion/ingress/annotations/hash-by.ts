/** upstream-hash-by: what chooses the endpoint, as a text with variables of nginx. */

import type { HashPolicy } from '../../../../model/route-policy.ts';
import type { ConsistentHash } from '../../../schema/load-balancer.ts';
import type { AnnotationReader } from './annotation-reader.ts';
import { variablesOf } from './nginx-variables.ts';

export interface HashBy {
  readonly hash: ConsistentHash;
  /** What the hash is made of where that is more than one thing; null: `hash` says it. */
  readonly policies: readonly HashPolicy[] | null;
}

/** A text that is the same for all requests changes nothing in where they go. */
export function readHashBy(reader: AnnotationReader): HashBy | null {
  const text = reader.text('upstream-hash-by');
  if (text === null) return null;
  const names = variablesOf(text);
  const unknown = names.find((name) => keyOf(name) === null);
  if (names.length === 0 || unknown !== undefined) {
    const known = '$request_uri, $host, $remote_addr, $http_NAME, $arg_NAME and $cookie_NAME';
    const what = unknown === undefined ? 'it names no variable' : `"$${unknown}" is not known`;
    reader.refuse('upstream-hash-by', `${what}; ${known} are`);
    return null;
  }
  const keys = [...new Set(names)].flatMap((name) => keyOf(name) ?? []);
  const [first] = keys;
  if (first === undefined) return null;
  return {
    hash: first.hash,
    policies: keys.length === 1 ? null : keys.map(({ policy }) => policy),
  };
}

interface Key {
  readonly hash: ConsistentHash;
  readonly policy: HashPolicy;
}

function keyOf(variable: string): Key | null {
  if (addresses.has(variable)) {
    return { hash: { useSourceIp: true }, policy: { kind: 'source-ip' } };
  }
  const pseudoHeader = pseudoHeaders.get(variable);
  if (pseudoHeader !== undefined) return headerKey(pseudoHeader);
  const [, source, name = ''] = /^(http|arg|cookie)_(\w+)$/.exec(variable) ?? [];
  if (source === 'http') return headerKey(name.replaceAll('_', '-').toLowerCase());
  if (source === 'arg') {
    return { hash: { httpQueryParameterName: name }, policy: { kind: 'query-parameter', name } };
  }
  if (source !== 'cookie') return null;
  const policy = { kind: 'cookie', name, path: null, ttlSeconds: null, attributes: [] } as const;
  return { hash: { httpCookie: { name } }, policy };
}

function headerKey(name: string): Key {
  return { hash: { httpHeaderName: name }, policy: { kind: 'header', name } };
}

const addresses: ReadonlySet<string> = new Set([
  'remote_addr',
  'binary_remote_addr',
  'the_real_ip',
]);

const pseudoHeaders: ReadonlyMap<string, string> = new Map([
  ['request_uri', ':path'],
  ['uri', ':path'],
  ['host', ':authority'],
  ['http_host', ':authority'],
  ['best_http_host', ':authority'],
  ['request_method', ':method'],
]);
