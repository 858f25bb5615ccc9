/**
 * From the resources of the user to the model that the proxy runs. Pure: the same resources and
 * settings give the same mesh, and whatever is in them, nothing here throws.
 */

import type { Cluster } from '../../model/cluster.ts';
import type { Listener } from '../../model/listener.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Secret } from '../../model/secret.ts';
import type { RouteTable } from '../../model/virtual-host.ts';
import { type Conversion, convertResources } from '../conversion/convert-resources.ts';
import type { ResourceStatus } from '../conversion/resource-status.ts';
import type { Finding } from '../finding.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import { isHttp } from '../registry/protocol.ts';
import {
  buildServiceRegistry,
  chooseServices,
  indexByHost,
  visibleServices,
} from '../registry/service-registry.ts';
import type { ResourceSet } from '../resource-set.ts';
import { builtInClusters, outboundClusters } from './clusters/clusters.ts';
import { gatewayListeners } from './gateway/gateway-listeners.ts';
import { bindToGateways, gatewayTables } from './gateway/gateway-routes.ts';
import { mergeServers, selectGateways } from './gateway/gateway-servers.ts';
import type { Sidecar } from './istio-resources.ts';
import { limitConnections } from './listeners/connection-limits.ts';
import { reportReferences } from './references/references.ts';
import { reportAttemptFaults } from './routes/attempt-faults.ts';
import { reportStickyWeights } from './routes/sticky-weights.ts';
import { reportToxicTargets, ToxicPolicies } from './routes/toxic-policies.ts';
import { DestinationRules } from './rules/destination-rules.ts';
import { MeshHosts } from './rules/mesh-hosts.ts';
import { bindVirtualServices } from './rules/virtual-services.ts';
import type { Scope } from './scope.ts';
import { type SecretContext, SecretReferences } from './secrets/secrets.ts';
import { inboundCluster, inboundProtocol, inboundTable } from './sidecar/inbound.ts';
import {
  fallbackTableName,
  inboundListeners,
  outboundListeners,
} from './sidecar/sidecar-listeners.ts';
import { fallbackTable, outboundPorts, outboundTable } from './sidecar/sidecar-routes.ts';
import { OutboundScopes, selectSidecar } from './sidecar/sidecar-scope.ts';
import { translateTelemetry } from './telemetry/telemetry.ts';
import { TranslationFindings, translationCode } from './translation-findings.ts';

export interface Translation {
  readonly mesh: Mesh;
  /** What the mesh names and a Secret of the configuration holds; files are read by who uses them. */
  readonly secrets: readonly Secret[];
  readonly findings: readonly Finding[];
  /** Conditions of the resources of the Gateway API. */
  readonly statuses: readonly ResourceStatus[];
}

/** A listener side with all it needs. */
interface Side {
  readonly listeners: readonly Listener[];
  readonly routeTables: readonly RouteTable[];
  readonly clusters: readonly Cluster[];
}

/** What is known from outside the resources. */
export type SecretKnowledge = Pick<SecretContext, 'nowMs' | 'held'>;

const knowsNothing: SecretKnowledge = { nowMs: null, held: new Set() };

export function translateMesh(
  written: ResourceSet,
  settings: ProxySettings,
  known: SecretKnowledge = knowsNothing,
): Translation {
  const findings = new TranslationFindings();
  const { resources, statuses, backendTls } = convertResources(written, settings, findings);
  const scope = openScope(resources, settings, { findings, backendTls, ...known });
  const taken = new Set<string>();
  const ownSidecar = selectSidecar(resources.sidecars, settings);
  const outbound = outboundSide(scope, ownSidecar);
  const inbound = inboundSide(scope, ownSidecar);
  for (const { address, port } of [...outbound.listeners, ...inbound.listeners]) {
    taken.add(`${address}:${port}`);
  }
  const gateway = gatewaySide(scope, resources, taken);
  const sides = [gateway, outbound, inbound];
  const listeners = sides.flatMap((side) => side.listeners);
  const { bootstraps } = resources;
  const mesh: Mesh = {
    proxy: settings.identity,
    listeners: limitConnections(listeners, { settings, findings, bootstraps }),
    routeTables: sides.flatMap((side) => side.routeTables),
    clusters: sides.flatMap((side) => side.clusters),
    telemetry: scope.telemetry,
    overload: settings.overload,
  };
  return { mesh, secrets: scope.secrets.list(), findings: findings.list(), statuses };
}

interface ScopeContext extends Omit<SecretContext, 'namespace'> {
  readonly backendTls: Conversion['backendTls'];
}

function openScope(resources: ResourceSet, settings: ProxySettings, context: ScopeContext): Scope {
  const { findings, backendTls } = context;
  const registry = buildServiceRegistry(resources, settings);
  const { namespace } = settings.identity;
  const candidates = visibleServices(registry.services, namespace);
  const isGateway = settings.outbound.length === 0;
  const services = chooseServices(candidates, isGateway ? null : namespace);
  const virtualServices = bindVirtualServices(resources.virtualServices, settings, findings);
  const known: Omit<Scope, 'telemetry'> = {
    settings,
    candidates,
    services,
    servicesByHost: indexByHost(services),
    virtualServices,
    meshHosts: new MeshHosts(virtualServices),
    destinationRules: new DestinationRules(resources.destinationRules, settings, backendTls),
    toxicPolicies: new ToxicPolicies(resources.toxicPolicies),
    egressCluster: null,
    servesGateways: selectGateways(resources.gateways, settings).length > 0,
    secrets: new SecretReferences(resources, { ...context, namespace }),
    findings,
  };
  const telemetry = translateTelemetry(known, resources, registry.services);
  const scope: Scope = { ...known, telemetry };
  reportReferences({ scope, registry, resources });
  reportStickyWeights(scope);
  reportAttemptFaults(scope);
  reportToxicTargets(resources.toxicPolicies, resources.virtualServices, findings);
  return scope;
}

function outboundSide(scope: Scope, sidecar: Sidecar | null): Side {
  const { settings } = scope;
  const scopes = new OutboundScopes(scope, sidecar);
  const clusters = [...outboundClusters(scopes.union), ...builtInClusters(settings)];
  const outbound = settings.outbound.filter(({ servicePort }) => scopes.isOpen(servicePort));
  for (const { address, port, servicePort } of settings.outbound) {
    if (scopes.isOpen(servicePort)) continue;
    const reason = servicePort === null ? 'no host' : `no service with port ${servicePort}`;
    scope.findings.add(
      translationCode.nothingImported,
      { resource: sidecar, path: ['spec', 'egress'] },
      { message: `the Sidecar imports ${reason}: the listener ${address}:${port} is not opened` },
    );
  }
  const fixed = outbound.flatMap(({ servicePort }) => servicePort ?? []);
  const isOpen = outbound.some(({ servicePort }) => servicePort === null);
  const ports = isOpen ? outboundPorts(scope) : [];
  const tables = [...new Set([...fixed, ...ports])].sort((a, b) => a - b);
  return {
    listeners: outboundListeners(
      { ...settings, outbound },
      { tablePorts: ports, scopeOf: (port) => scopes.forPort(port) },
    ),
    routeTables: [
      ...tables.map((port) => outboundTable(scopes.forPort(port), port)),
      ...(isOpen ? [fallbackTable(scopes.forPort(0), fallbackTableName)] : []),
    ],
    clusters,
  };
}

function inboundSide(scope: Scope, sidecar: Sidecar | null): Side {
  const ports = [...new Set(scope.settings.inbound.map(({ appPort }) => appPort))];
  return {
    listeners: inboundListeners(scope, sidecar),
    routeTables: ports
      .filter((port) => isHttp(inboundProtocol(scope, port, sidecar)))
      .map(inboundTable),
    clusters: ports.map((port) => inboundCluster(scope, port, sidecar)),
  };
}

function gatewaySide(scope: Scope, resources: ResourceSet, taken: Set<string>): Side {
  const { settings, findings } = scope;
  const ports = mergeServers(selectGateways(resources.gateways, settings), findings);
  const bindings = bindToGateways(scope.virtualServices);
  return {
    listeners: gatewayListeners(scope, ports, taken),
    routeTables: ports.flatMap((port) => gatewayTables(scope, port, bindings)),
    clusters: [],
  };
}
