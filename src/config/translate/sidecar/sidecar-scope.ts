/** What a Sidecar resource leaves visible on the outbound side, and what happens to the rest. */

import type { MeshSettings, ProxySettings } from '../../proxy-settings.ts';
import { hostsOverlap, isHostWithin } from '../../registry/host-names.ts';
import { hasLabels, type RegistryService } from '../../registry/service.ts';
import { chooseServices, indexByHost } from '../../registry/service-registry.ts';
import type { IstioEgressListener } from '../../schema/sidecar.ts';
import { clusterName } from '../clusters/clusters.ts';
import { inIstioOrder, type Sidecar } from '../istio-resources.ts';
import { MeshHosts } from '../rules/mesh-hosts.ts';
import type { Scope } from '../scope.ts';

/**
 * The Sidecar of this proxy, which none is for a gateway: one that selects it, else its namespace's, else the root namespace's.
 */
export function selectSidecar(
  sidecars: readonly Sidecar[],
  { identity, mesh, outbound, inbound }: ProxySettings,
): Sidecar | null {
  if (outbound.length === 0 && inbound.length === 0) return null;
  const ordered = inIstioOrder(sidecars);
  const own = ordered.filter(({ metadata }) => metadata.namespace === identity.namespace);
  const selecting = own.find(({ spec: { workloadSelector } }) => {
    return (
      workloadSelector !== undefined && hasLabels(identity.labels, workloadSelector.labels ?? {})
    );
  });
  const isForAll = ({ spec }: Sidecar) => spec.workloadSelector === undefined;
  return (
    selecting ??
    own.find(isForAll) ??
    ordered.find(
      (sidecar) => sidecar.metadata.namespace === mesh.rootNamespace && isForAll(sidecar),
    ) ??
    null
  );
}

/** The scope of each outbound port. */
export class OutboundScopes {
  /** Of all ports together, with everything that VirtualServices may send to. */
  readonly union: Scope;
  readonly #scope: Scope;
  readonly #listeners: readonly IstioEgressListener[];
  readonly #narrowed = new Map<IstioEgressListener | null, Scope>();
  #importsAny = false;

  constructor(scope: Scope, sidecar: Sidecar | null) {
    this.#scope = withPolicy(scope, sidecar);
    this.#listeners = sidecar?.spec.egress ?? [];
    this.union = this.#unite();
  }

  /** Istio opens an outbound port only for a service that is imported; null: any port. */
  isOpen(port: number | null): boolean {
    if (this.#listeners.length === 0) return true;
    if (port === null) return this.#importsAny;
    return this.forPort(port).services.some(({ ports }) =>
      ports.some(({ number }) => number === port),
    );
  }

  /** The first egress listener with that port, or without any, decides alone. */
  forPort(port: number): Scope {
    if (this.#listeners.length === 0) return this.#scope;
    const listener =
      this.#listeners.find(
        (candidate) => candidate.port === undefined || candidate.port.number === port,
      ) ?? null;
    const { services, ...narrowed } = this.#narrow(listener);
    return { ...narrowed, services, servicesByHost: this.union.servicesByHost };
  }

  #narrow(listener: IstioEgressListener | null): Scope {
    const known = this.#narrowed.get(listener);
    if (known !== undefined) return known;
    // Also in a Sidecar of the root namespace "." is the namespace of the client.
    const { namespace } = this.#scope.settings.identity;
    const narrowed = narrow(this.#scope, parseImports(listener?.hosts ?? [], namespace));
    this.#narrowed.set(listener, narrowed);
    return narrowed;
  }

  /** Where a host is in several namespaces, the one that is imported counts. */
  #unite(): Scope {
    if (this.#listeners.length === 0) return this.#scope;
    const imported = this.#listeners.flatMap((listener) => this.#narrow(listener).services);
    this.#importsAny = imported.length > 0;
    const byHost = new Map<string, RegistryService>();
    for (const service of [...imported, ...this.#scope.services]) {
      if (!byHost.has(service.host)) byHost.set(service.host, service);
    }
    const services = [...byHost.values()];
    return { ...this.#scope, services, servicesByHost: indexByHost(services) };
  }
}

function withPolicy(scope: Scope, sidecar: Sidecar | null): Scope {
  const policy = sidecar?.spec.outboundTrafficPolicy;
  if (policy === undefined) return scope;
  // A block without a mode is the first of the enumeration, not the mesh's.
  const { mode = 'REGISTRY_ONLY', egressProxy } = policy;
  const outboundTrafficPolicy: MeshSettings['outboundTrafficPolicy'] =
    mode === 'REGISTRY_ONLY' ? 'REGISTRY_ONLY' : 'ALLOW_ANY';
  const mesh = { ...scope.settings.mesh, outboundTrafficPolicy };
  return {
    ...scope,
    settings: { ...scope.settings, mesh },
    egressCluster:
      egressProxy === undefined
        ? null
        : clusterName(egressProxy.host, egressProxy.port?.number ?? 0, egressProxy.subset),
  };
}

interface Import {
  readonly namespace: string;
  readonly host: string;
  readonly isExclusion: boolean;
}

/** `ns/host`, `./host`, `~/*` for none; namespace `*` is any, `~ns/host` takes out again. */
function parseImports(hosts: readonly string[], ownNamespace: string): Import[] {
  return hosts.flatMap((text) => {
    const slash = text.indexOf('/');
    const isExclusion = slash > 1 && text.startsWith('~');
    const namespace = text.slice(isExclusion ? 1 : 0, Math.max(slash, 0));
    if (namespace === '~') return [];
    const host = text.slice(slash + 1);
    return [{ namespace: namespace === '.' ? ownNamespace : namespace, host, isExclusion }];
  });
}

/**
 * Only names are narrowed. What VirtualServices in the scope send to is found wherever it is, and
 * so are DestinationRules.
 */
function narrow(scope: Scope, imports: readonly Import[]): Scope {
  const included = imports.filter(({ isExclusion }) => !isExclusion);
  const excluded = imports.filter(({ isExclusion }) => isExclusion);
  const virtualServices = scope.virtualServices.filter(({ namespace, hosts }) => {
    const covers = (pattern: string) => hosts.some((host) => hostsOverlap(host, pattern));
    return names(included, namespace, covers);
  });
  return {
    ...scope,
    virtualServices,
    meshHosts: new MeshHosts(virtualServices),
    services: chooseServices(
      scope.candidates.flatMap((service) => imported(service, included, excluded)),
      scope.settings.identity.namespace,
    ),
  };
}

/** The service with those of its further names that are imported, too; or nothing. */
function imported(
  service: RegistryService,
  included: readonly Import[],
  excluded: readonly Import[],
): RegistryService[] {
  const { namespace, aliases } = service;
  const isImported = (host: string) => {
    const covers = (pattern: string) => isHostWithin(host, pattern);
    return names(included, namespace, covers) && !names(excluded, namespace, covers);
  };
  if (!isImported(service.host)) return [];
  return aliases.every(isImported)
    ? [service]
    : [{ ...service, aliases: aliases.filter(isImported) }];
}

function names(
  imports: readonly Import[],
  namespace: string,
  covers: (pattern: string) => boolean,
): boolean {
  return imports.some(
    (entry) => (entry.namespace === '*' || entry.namespace === namespace) && covers(entry.host),
  );
}
