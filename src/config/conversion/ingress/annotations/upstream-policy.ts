/**
 * How the endpoints of an Ingress are chosen and spoken to: backend-protocol, load-balance,
 * affinity, upstream-hash-by and proxy-connect-timeout.
 */

import type { HashPolicy } from '../../../../model/route-policy.ts';
import type { TrafficPolicy } from '../../../schema/destination-rule.ts';
import type { LoadBalancerSettings } from '../../../schema/load-balancer.ts';
import { type Affinity, readAffinity } from './affinity.ts';
import type { AnnotationReader } from './annotation-reader.ts';
import { readHashBy } from './hash-by.ts';

export interface UpstreamPolicy {
  /** Blocks of a subset's policy; none where the Ingress asks for nothing. */
  readonly trafficPolicy: TrafficPolicy;
  readonly affinity: Affinity | null;
  readonly hashPolicies: readonly HashPolicy[] | null;
}

export function readUpstreamPolicy(reader: AnnotationReader): UpstreamPolicy {
  const affinity = readAffinity(reader);
  const hashBy = readHashBy(reader);
  const hash = affinity?.hash ?? hashBy?.hash;
  const loadBalancer = hash === undefined ? readLoadBalance(reader) : { consistentHash: hash };
  const protocol = readProtocol(reader);
  const connectTimeout = reader.integer('proxy-connect-timeout', { min: 1 });
  const isHttp2 = protocol === 'GRPC' || protocol === 'GRPCS';
  const connectionPool = {
    ...(connectTimeout === null ? {} : { tcp: { connectTimeout: `${connectTimeout}s` } }),
    ...(isHttp2 ? { http: { h2UpgradePolicy: 'UPGRADE' as const } } : {}),
  };
  const isTls = protocol === 'HTTPS' || protocol === 'GRPCS';
  return {
    trafficPolicy: {
      ...(loadBalancer === null ? {} : { loadBalancer }),
      ...(Object.keys(connectionPool).length === 0 ? {} : { connectionPool }),
      // nginx checks no certificate of an endpoint (proxy_ssl_verify off).
      ...(isTls ? { tls: { mode: 'SIMPLE' as const, insecureSkipVerify: true } } : {}),
    },
    affinity,
    hashPolicies: affinity === null ? (hashBy?.policies ?? null) : null,
  };
}

const protocols = ['HTTP', 'HTTPS', 'GRPC', 'GRPCS', 'AUTO_HTTP'] as const;

/** Both flags are names of old versions. */
function readProtocol(reader: AnnotationReader): (typeof protocols)[number] | null {
  const protocol = reader.choice('backend-protocol', protocols);
  if (protocol !== null) return protocol;
  const isTls = reader.flag('secure-backends', false);
  if (reader.flag('grpc-backend', false)) return isTls ? 'GRPCS' : 'GRPC';
  return isTls ? 'HTTPS' : null;
}

function readLoadBalance(reader: AnnotationReader): LoadBalancerSettings | null {
  switch (reader.choice('load-balance', ['round_robin', 'ewma'])) {
    case 'round_robin':
      return { simple: 'ROUND_ROBIN' };
    case 'ewma':
      return { simple: 'LEAST_REQUEST' };
    default:
      return null;
  }
}
