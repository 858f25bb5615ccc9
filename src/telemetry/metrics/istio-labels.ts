/** The labels of Istio's standard metrics, from the objects of the model. */

import type { Cluster } from '../../model/cluster.ts';
import type { Endpoint, Workload } from '../../model/endpoint.ts';
import type { ProxyIdentity } from '../../model/proxy-identity.ts';
import type { PeerIdentity } from './peer-identity.ts';

/** Of who asks and who answers. */
const endLabelNames = [
  'reporter',
  'source_workload',
  'source_workload_namespace',
  'source_principal',
  'source_app',
  'source_version',
  'source_cluster',
  'source_canonical_service',
  'source_canonical_revision',
  'destination_workload',
  'destination_workload_namespace',
  'destination_principal',
  'destination_app',
  'destination_version',
  'destination_service',
  'destination_service_name',
  'destination_service_namespace',
  'destination_cluster',
  'destination_canonical_service',
  'destination_canonical_revision',
] as const;

/** In the order in which values are given to the families. */
export const istioLabelNames = [
  ...endLabelNames,
  'request_protocol',
  'response_code',
  'response_flags',
  'connection_security_policy',
  'grpc_response_status',
] as const;

/** The same, of metrics of TCP connections. */
export const istioTcpLabelNames = [
  ...endLabelNames,
  'request_protocol',
  'response_flags',
  'connection_security_policy',
] as const;

const unknown = 'unknown';

/** Between whom. */
export interface EndTraits {
  readonly reporter: 'source' | 'destination';
  readonly cluster: Cluster | null;
  readonly endpoint: Endpoint | null;
  /** null: nobody has shown a certificate. */
  readonly identity: PeerIdentity | null;
  /** As formatted, `-` for none. */
  readonly responseFlags: string;
}

/** What a slot is for: everything that its labels depend on. */
export interface SlotTraits extends EndTraits {
  readonly status: number;
  /** null: the request is not gRPC. */
  readonly grpcStatus: number | null;
}

export function istioLabels(proxy: ProxyIdentity, traits: SlotTraits): string[] {
  return [
    ...endLabels(proxy, traits),
    traits.grpcStatus === null ? 'http' : 'grpc',
    String(traits.status),
    traits.responseFlags,
    securityPolicy(traits),
    traits.grpcStatus === null ? '' : String(traits.grpcStatus),
  ];
}

export function istioTcpLabels(proxy: ProxyIdentity, traits: EndTraits): string[] {
  return [...endLabels(proxy, traits), 'tcp', traits.responseFlags, securityPolicy(traits)];
}

function endLabels(proxy: ProxyIdentity, traits: EndTraits): string[] {
  const self = selfWorkload(proxy);
  const outbound = traits.reporter === 'source';
  const peer = traits.endpoint?.workload ?? null;
  const cluster = proxy.labels['topology.istio.io/cluster'] ?? defaultCluster;
  const source = outbound ? self : null;
  const destination = outbound ? peer : self;
  const { source: sourceName = null, destination: destinationName = null } = traits.identity ?? {};
  const answering = workloadLabels(destination, destinationName, cluster);
  return [
    traits.reporter,
    ...workloadLabels(source, sourceName, cluster),
    ...answering.slice(0, 5),
    ...serviceLabels(traits.cluster),
    ...answering.slice(5),
  ];
}

/** Istio's name of a cluster that nobody has named. */
const defaultCluster = 'Kubernetes';

/** Istio knows at the source only what it would like, so the source says unknown. */
function securityPolicy({ reporter, identity }: EndTraits): string {
  if (reporter === 'source') return unknown;
  return identity?.isMutual === true ? 'mutual_tls' : 'none';
}

/**
 * workload, namespace, principal, app, version, cluster, canonical service, canonical revision.
 * `cluster`: of everyone who is known, for no other one is configured here.
 */
function workloadLabels(
  workload: Workload | null,
  principal: string | null,
  cluster: string,
): string[] {
  return [
    workload?.name || unknown,
    workload?.namespace || unknown,
    principal ?? unknown,
    workload?.app || unknown,
    workload?.version || unknown,
    workload === null ? unknown : cluster,
    workload?.canonicalName || unknown,
    workload?.canonicalRevision || unknown,
  ];
}

function serviceLabels(cluster: Cluster | null): string[] {
  if (cluster === null) return [unknown, unknown, unknown];
  // PassthroughCluster and BlackHoleCluster have no service and stand under their own name.
  if (cluster.service === null) return [unknown, cluster.name, unknown];
  return [cluster.service.host, cluster.service.name, cluster.service.namespace];
}

/** Istio's order of labels for the canonical name and revision. */
export function selfWorkload(proxy: ProxyIdentity): Workload {
  const { labels } = proxy;
  const revision = labels['app.kubernetes.io/version'] ?? labels['version'] ?? 'latest';
  const name = labels['app.kubernetes.io/name'] ?? labels['app'] ?? proxy.workload;
  return {
    name: proxy.workload,
    namespace: proxy.namespace,
    app: labels['app'] ?? '',
    version: labels['version'] ?? '',
    canonicalName: labels['service.istio.io/canonical-name'] ?? name,
    canonicalRevision: labels['service.istio.io/canonical-revision'] ?? revision,
  };
}
