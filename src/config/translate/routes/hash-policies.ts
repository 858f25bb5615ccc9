/**
 * What a request's hash is made of: the consistentHash that a DestinationRule has for a
 * destination.
 */

import { parseDuration } from '../../../base/duration.ts';
import type { HashPolicy } from '../../../model/route-policy.ts';
import type { Destination } from '../../schema/destination.ts';
import type { TrafficPolicy } from '../../schema/destination-rule.ts';
import type { ConsistentHash } from '../../schema/load-balancer.ts';
import type { MergedDestinationRule } from '../rules/destination-rules.ts';
import { portSettings } from '../rules/traffic-policy.ts';

/** Settings of a port count only where the destination itself names that port. */
export function hashPolicyOfDestination(
  rule: MergedDestinationRule | null,
  destination: Destination,
): HashPolicy | null {
  if (rule === null) return null;
  const port = destination.port?.number ?? 0;
  const subset = rule.subsets.get(destination.subset ?? '')?.spec.trafficPolicy ?? null;
  const hash =
    hashOfPort(subset, port) ??
    subset?.loadBalancer?.consistentHash ??
    hashOfPort(rule.trafficPolicy, port) ??
    rule.trafficPolicy?.loadBalancer?.consistentHash;
  return hash === undefined ? null : translateHash(hash);
}

/** For requests to a service without a VirtualService. */
export function hashPolicyOfService(
  rule: MergedDestinationRule | null,
  port: number,
): HashPolicy | null {
  const policy = rule?.trafficPolicy ?? null;
  const hash = hashOfPort(policy, port) ?? policy?.loadBalancer?.consistentHash;
  return hash === undefined ? null : translateHash(hash);
}

function hashOfPort(policy: TrafficPolicy | null, port: number): ConsistentHash | undefined {
  if (port === 0) return undefined;
  return portSettings(policy, port)?.loadBalancer?.consistentHash;
}

function translateHash(hash: ConsistentHash): HashPolicy | null {
  if (hash.httpHeaderName !== undefined) {
    return { kind: 'header', name: hash.httpHeaderName.toLowerCase() };
  }
  if (hash.httpCookie !== undefined) {
    const { name, path, ttl, attributes } = hash.httpCookie;
    const ttlMs = ttl === undefined ? null : parseDuration(ttl);
    return {
      kind: 'cookie',
      name,
      path: path === undefined || path === '' ? null : path,
      ttlSeconds: ttlMs === null ? null : Math.floor(ttlMs / 1000),
      attributes: (attributes ?? []).map((attribute) => ({
        name: attribute.name,
        value: attribute.value ?? '',
      })),
    };
  }
  if (hash.useSourceIp === true) return { kind: 'source-ip' };
  if (hash.httpQueryParameterName !== undefined) {
    return { kind: 'query-parameter', name: hash.httpQueryParameterName };
  }
  return null;
}
