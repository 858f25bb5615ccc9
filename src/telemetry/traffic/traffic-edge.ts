/** Between whom requests were counted: read from the labels of Istio's metrics. */

import { isOverflow } from '../metrics/metric-family.ts';
import type { TrafficEdge } from './traffic-graph.ts';

/** Labels that are not there, or not known, are empty. */
export interface EdgeParty {
  readonly namespace: string;
  readonly workload: string;
  readonly version: string;
  /** Canonical name, or `app`. */
  readonly service: string;
}

export interface EdgeIdentity {
  readonly reporter: TrafficEdge['reporter'];
  readonly protocol: TrafficEdge['protocol'];
  readonly source: EdgeParty;
  readonly destination: EdgeParty;
  /** The service that was asked for. */
  readonly host: string;
  readonly serviceName: string;
  readonly serviceNamespace: string;
}

/** Reads labels by name, whichever of them a family has; empty what is not known. */
export type LabelReader = (name: string) => string;

export function labelReader(names: readonly string[], labels: readonly string[]): LabelReader {
  if (isOverflow(labels)) return () => '';
  return (name) => {
    const value = labels[names.indexOf(name)] ?? '';
    return value === 'unknown' ? '' : value;
  };
}

export function edgeIdentity(read: LabelReader): EdgeIdentity {
  const protocol = read('request_protocol');
  return {
    reporter: read('reporter') === 'destination' ? 'destination' : 'source',
    protocol: protocol === 'grpc' || protocol === 'tcp' ? protocol : 'http',
    source: party(read, 'source'),
    destination: party(read, 'destination'),
    host: read('destination_service'),
    serviceName: read('destination_service_name'),
    serviceNamespace: read('destination_service_namespace'),
  };
}

export function edgeKey(identity: EdgeIdentity): string {
  const { reporter, protocol, source, destination, host, serviceName } = identity;
  const parties = [source, destination].flatMap(Object.values);
  return [reporter, protocol, host, serviceName, ...parties].join('\0');
}

function party(read: LabelReader, side: 'source' | 'destination'): EdgeParty {
  return {
    namespace: read(`${side}_workload_namespace`),
    workload: read(`${side}_workload`),
    version: read(`${side}_version`) || read(`${side}_canonical_revision`),
    service: read(`${side}_canonical_service`) || read(`${side}_app`),
  };
}
