/** A cluster for each port of each service, and for each subset that a DestinationRule names. */

import type { Cluster, ClusterDiscovery, ServiceIdentity } from '../../../model/cluster.ts';
import type { HealthCheck } from '../../../model/health-check.ts';
import { builtInOrigin } from '../../../model/origin.ts';
import { healthCheckAnnotation } from '../../health-check-annotation.ts';
import type { ProxySettings } from '../../proxy-settings.ts';
import {
  hasLabels,
  type RegistryEndpoint,
  type RegistryPort,
  type RegistryService,
} from '../../registry/service.ts';
import { originOf } from '../../resource.ts';
import type { LocalityLbSetting } from '../../schema/load-balancer.ts';
import type { MergedDestinationRule, RuleSubset } from '../rules/destination-rules.ts';
import { settingOriginsOfCluster } from '../rules/setting-origins.ts';
import { effectivePolicy, type PolicyBlocks } from '../rules/traffic-policy.ts';
import type { Scope } from '../scope.ts';
import { translationCode } from '../translation-findings.ts';
import {
  translateCircuitBreaker,
  translateConnectionSettings,
  translateOutlierDetection,
} from './cluster-limits.ts';
import { healthCheckFor } from './health-checks.ts';
import { translateLoadBalancer } from './load-balancer-policy.ts';
import { placeEndpoints, preferNear } from './locality.ts';
import { upstreamProtocol } from './upstream-protocol.ts';
import { translateUpstreamTls } from './upstream-tls.ts';

export const passthroughClusterName = 'PassthroughCluster';
export const blackHoleClusterName = 'BlackHoleCluster';

/** Istio's name for the cluster of a destination. */
export function clusterName(host: string, port: number, subset = ''): string {
  return `outbound|${port}|${subset}|${host}`;
}

export function outboundClusters(scope: Scope): Cluster[] {
  const clusters: Cluster[] = [];
  for (const service of scope.services) {
    const rule = scope.destinationRules.for(service);
    for (const port of service.ports) {
      if (port.protocol === 'UDP') continue;
      for (const subset of [null, ...(rule?.subsets.values() ?? [])]) {
        const cluster = outboundCluster({ scope, service, port, rule, subset });
        // Envoy refuses names to resolve that are none, so Istio leaves such a cluster out.
        if (cluster.endpoints.length > 0 || !isByName(cluster.discovery)) clusters.push(cluster);
      }
    }
  }
  return clusters;
}

function isByName(discovery: ClusterDiscovery): boolean {
  return discovery === 'strict-dns' || discovery === 'logical-dns';
}

/** Where requests go that no virtual host knows, and where nothing goes. */
export function builtInClusters(settings: ProxySettings): Cluster[] {
  const policy = policyFields({}, settings);
  const common = { direction: 'outbound', service: null, endpoints: [] } as const;
  const origin = builtInOrigin;
  return [
    {
      name: passthroughClusterName,
      ...common,
      ...policy,
      protocol: 'downstream',
      discovery: 'original-dst',
      loadBalancer: { policy: 'CLUSTER_PROVIDED' },
      origin,
    },
    {
      name: blackHoleClusterName,
      ...common,
      ...policy,
      protocol: 'http1',
      discovery: 'static',
      origin,
    },
  ];
}

/** Blocks that no DestinationRule has are those of MeshConfig.defaultTrafficPolicy. */
function withMeshDefaults(policy: PolicyBlocks, { mesh }: ProxySettings): PolicyBlocks {
  return mesh.defaultTrafficPolicy === null ? policy : { ...mesh.defaultTrafficPolicy, ...policy };
}

/** Everything of a cluster that a traffic policy decides. */
export function policyFields(policy: PolicyBlocks, settings: ProxySettings) {
  return {
    loadBalancer: translateLoadBalancer(policy.loadBalancer),
    outlierDetection: translateOutlierDetection(policy.outlierDetection),
    healthCheck: null,
    circuitBreaker: translateCircuitBreaker(policy),
    connection: translateConnectionSettings(policy.connectionPool, settings.mesh),
    tls: null,
    proxyProtocol: proxyProtocolOf(policy),
    // Istio switches panic off unless minHealthPercent asks for it.
    panicThresholdPercent: Math.max(0, policy.outlierDetection?.minHealthPercent ?? 0),
  };
}

function proxyProtocolOf({ proxyProtocol }: PolicyBlocks): Cluster['proxyProtocol'] {
  return proxyProtocol === undefined ? null : (proxyProtocol.version ?? 'V1');
}

export function identityOf(service: RegistryService, port: RegistryPort): ServiceIdentity {
  const { host, name, namespace } = service;
  return { host, name, namespace, port: port.number };
}

interface ClusterOptions {
  readonly scope: Scope;
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly rule: MergedDestinationRule | null;
  readonly subset: RuleSubset | null;
}

function outboundCluster(options: ClusterOptions): Cluster {
  const { scope, service, port, rule, subset } = options;
  const { settings } = scope;
  const ofRule = rule?.trafficPolicy ?? null;
  const ofSubset = subset?.spec.trafficPolicy ?? null;
  const policy = withMeshDefaults(effectivePolicy(ofRule, ofSubset, port.number), settings);
  const fields = policyFields(policy, settings);
  // A rule with PASSTHROUGH holds for its subsets, too, whatever they say.
  const isPassthrough =
    fields.loadBalancer.policy === 'CLUSTER_PROVIDED' ||
    effectivePolicy(ofRule, null, port.number).loadBalancer?.simple === 'PASSTHROUGH';
  const endpoints = endpointsOf(options);
  const discovery = isPassthrough ? 'original-dst' : discoveryOf(options, endpoints);
  const protocol = upstreamProtocol(
    port.protocol,
    policy.connectionPool,
    settings.mesh.h2UpgradePolicy === 'UPGRADE',
  );
  const tls = translateUpstreamTls({ ...options, protocol }, policy.tls);
  const healthCheck =
    discovery === 'original-dst' ? null : healthCheckOf(options, { protocol, tls });
  const settingOrigins = settingOriginsOfCluster(policy, rule, { subset, port: port.number });
  return {
    name: clusterName(service.host, port.number, subset?.spec.name),
    direction: 'outbound',
    discovery,
    service: identityOf(service, port),
    endpoints: placeEndpoints(discovery === 'original-dst' ? [] : endpoints, {
      proxy: settings.identity,
      setting: localitySetting(options, policy),
      canFailOver:
        fields.outlierDetection !== null || healthCheck !== null || service.prefersNear !== null,
    }),
    ...fields,
    protocol,
    tls,
    healthCheck,
    loadBalancer:
      discovery === 'original-dst' ? { policy: 'CLUSTER_PROVIDED' } : fields.loadBalancer,
    origin: subset === null ? service.origin : originOf(subset.resource, subset.path),
    ...(settingOrigins === undefined ? {} : { settingOrigins }),
  };
}

function healthCheckOf(
  { scope, service, rule }: ClusterOptions,
  upstream: Pick<Cluster, 'protocol' | 'tls'>,
): HealthCheck | null {
  return healthCheckFor({
    ofRule: rule?.resource.metadata.annotations[healthCheckAnnotation] ?? null,
    ofService: service.healthCheck,
    settings: scope.settings,
    host: service.host,
    ...upstream,
  });
}

function localitySetting(
  { scope, service }: ClusterOptions,
  policy: PolicyBlocks,
): LocalityLbSetting | null {
  const own = policy.loadBalancer?.localityLbSetting;
  if (own !== undefined) return own;
  return service.prefersNear !== null
    ? preferNear[service.prefersNear]
    : scope.settings.mesh.localityLbSetting;
}

/**
 * The name that stands in for unknown endpoints of a Service has no labels. Istio has clusters of
 * its subsets all the same, without endpoints.
 */
function discoveryOf(
  { service, subset }: ClusterOptions,
  endpoints: readonly RegistryEndpoint[],
): ClusterDiscovery {
  const isUnknown = service.source === 'Service' && !service.external;
  return isUnknown && subset !== null && endpoints.length === 0 ? 'static' : service.discovery;
}

function endpointsOf({ scope, service, port, subset }: ClusterOptions): RegistryEndpoint[] {
  const endpoints = service.endpoints.get(port.number) ?? [];
  if (subset === null) return [...endpoints];
  const labels = subset.spec.labels ?? {};
  const chosen = endpoints.filter((endpoint) => hasLabels(endpoint.labels, labels));
  // Where the workloads are not placed on this machine yet, that is the finding, and it is made.
  if (chosen.length === 0 && service.discovery === 'static') {
    const wanted = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    scope.findings.add(translationCode.emptySubset, subset, {
      message: `no endpoint of ${service.host} has the labels ${wanted.join(',')}`,
    });
  }
  return chosen;
}
