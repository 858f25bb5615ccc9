/** Draws the traffic graph: nodes by what people look at, and edges with rates between them. */

import { type DurationCounts, EdgeCounts, quantile } from './edge-counts.ts';
import type { EdgeIdentity, EdgeParty } from './traffic-edge.ts';
import type { TrafficEdge, TrafficGraph, TrafficLatency, TrafficNode } from './traffic-graph.ts';

/** What nodes stand for. */
export const trafficGroupings = ['workload', 'version', 'service'] as const;
export type TrafficGrouping = (typeof trafficGroupings)[number];

export interface CountedTraffic {
  /** Clock.wall(). */
  readonly from: number;
  readonly to: number;
  readonly edges: ReadonlyMap<EdgeIdentity, EdgeCounts>;
}

interface GroupedEdge {
  readonly source: TrafficNode;
  readonly target: TrafficNode;
  readonly identity: EdgeIdentity;
  readonly counts: EdgeCounts;
}

export function buildTrafficGraph(
  traffic: CountedTraffic,
  grouping: TrafficGrouping,
): TrafficGraph {
  const { from, to } = traffic;
  const seconds = Math.max(0, to - from) / 1000;
  const grouped = [...groupEdges(traffic, grouping).values()];
  const nodes = new Map<string, TrafficNode>();
  for (const { source, target } of grouped) {
    nodes.set(source.id, nodes.get(source.id) ?? source);
    nodes.set(target.id, nodes.get(target.id) ?? target);
  }
  const edges = grouped.map((edge) => describeEdge(edge, seconds));
  return {
    from: Math.trunc(from),
    to: Math.trunc(to),
    windowSeconds: seconds,
    nodes: [...nodes.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    edges: edges.sort((a, b) => b.requests - a.requests),
  };
}

/** Workloads of one service, for example, make one edge where services are looked at. */
function groupEdges(
  { edges }: CountedTraffic,
  grouping: TrafficGrouping,
): ReadonlyMap<string, GroupedEdge> {
  const grouped = new Map<string, GroupedEdge>();
  for (const [identity, counts] of edges) {
    const source = sourceNode(identity, grouping);
    const target = targetNode(identity, grouping);
    const { host, reporter, protocol } = identity;
    const key = [source.id, target.id, host, reporter, protocol].join('\0');
    const edge = grouped.get(key) ?? { source, target, identity, counts: new EdgeCounts() };
    edge.counts.add(counts);
    grouped.set(key, edge);
  }
  return grouped;
}

function sourceNode({ source }: EdgeIdentity, grouping: TrafficGrouping): TrafficNode {
  return partyNode(source, grouping) ?? serviceNode(source.namespace, source.service);
}

/** A service is what was asked for, even where another one answers to its name. */
function targetNode(identity: EdgeIdentity, grouping: TrafficGrouping): TrafficNode {
  const { destination, serviceNamespace, serviceName } = identity;
  const party = partyNode(destination, grouping);
  if (party !== null) return party;
  if (serviceName !== '') return serviceNode(serviceNamespace, serviceName);
  return serviceNode(destination.namespace, destination.service);
}

/** null: it is not known, or services are looked at. */
function partyNode(party: EdgeParty, grouping: TrafficGrouping): TrafficNode | null {
  const { namespace, workload, version, service } = party;
  if (grouping === 'workload' && workload !== '') {
    const id = `workload:${namespace}/${workload}`;
    return { id, kind: 'workload', namespace, service, version, workload };
  }
  if (grouping !== 'version' || service === '') return null;
  const id = `version:${namespace}/${service}/${version}`;
  return { id, kind: 'version', namespace, service, version, workload: '' };
}

/** A caller without labels has a place in the graph, under Istio's word for it. */
function serviceNode(namespace: string, known: string): TrafficNode {
  const service = known === '' ? 'unknown' : known;
  const id = `service:${namespace}/${service}`;
  return { id, kind: 'service', namespace, service, version: '', workload: '' };
}

function describeEdge(
  { source, target, identity, counts }: GroupedEdge,
  seconds: number,
): TrafficEdge {
  const { requests, errors, bytes, durations } = counts;
  return {
    source: source.id,
    target: target.id,
    service: identity.host,
    reporter: identity.reporter,
    protocol: identity.protocol,
    requests,
    requestsPerSecond: perSecond(requests, seconds),
    errors,
    errorShare: requests === 0 ? 0 : errors / requests,
    codes: Object.fromEntries(counts.codes),
    grpcCodes: Object.fromEntries(counts.grpcCodes),
    flags: Object.fromEntries(counts.flags),
    latencyMs: durations === null || requests === 0 ? null : latency(durations, requests),
    bytesPerSecond: perSecond(bytes, seconds),
  };
}

function latency(durations: DurationCounts, requests: number): TrafficLatency {
  return {
    p50: quantile(durations, 0.5),
    p90: quantile(durations, 0.9),
    p99: quantile(durations, 0.99),
    mean: durations.sumMs / requests,
  };
}

function perSecond(amount: number, seconds: number): number {
  return seconds === 0 ? 0 : amount / seconds;
}
