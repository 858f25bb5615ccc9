/** What a Sidecar resource leaves visible on the outbound side, and what happens to the rest. */

import type { MeshSettings, ProxySettings } from '../proxy-settings.ts';
import { hostsOverlap, isHostWithin } from '../registry/host-names.ts';
import { hasLabels } from '../registry/service.ts';
import type { IstioEgressListener } from '../schema/sidecar.ts';
import { inIstioOrder, type Sidecar } from './istio-resources.ts';
import { MeshHosts } from './mesh-hosts.ts';
import type { Scope } from './scope.ts';

/**
 * The Sidecar of this proxy: one that selects it, else its namespace's, else the root namespace's.
 */
export function selectSidecar(
  sidecars: readonly Sidecar[],
  { identity, mesh }: ProxySettings,
): Sidecar | null {
  const ordered = inIstioOrder(sidecars);
  const own = ordered.filter(({ metadata }) => metadata.namespace === identity.namespace);
  const selecting = own.find(({ spec }) => {
    const labels = spec.workloadSelector?.labels;
    return labels !== undefined && hasLabels(identity.labels, labels);
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
  readonly #scope: Scope;
  readonly #namespace: string;
  readonly #listeners: readonly IstioEgressListener[];
  readonly #narrowed = new Map<IstioEgressListener | null, Scope>();

  constructor(scope: Scope, sidecar: Sidecar | null) {
    this.#scope = withPolicy(scope, sidecar);
    this.#namespace = sidecar?.metadata.namespace ?? '';
    this.#listeners = sidecar?.spec.egress ?? [];
  }

  /** `~/*` alone: Istio opens no outbound port then. */
  get importsNothing(): boolean {
    const hosts = this.#listeners.flatMap((listener) => listener.hosts ?? []);
    return this.#listeners.length > 0 && hosts.every((host) => host.startsWith('~/'));
  }

  /** The egress listener with that port decides alone, otherwise those without a port. */
  forPort(port: number): Scope {
    if (this.#listeners.length === 0) return this.#scope;
    const listener =
      this.#listeners.find((candidate) => candidate.port?.number === port) ??
      this.#listeners.find((candidate) => candidate.port === undefined) ??
      null;
    const known = this.#narrowed.get(listener);
    if (known !== undefined) return known;
    const narrowed = narrow(this.#scope, parseImports(listener?.hosts ?? [], this.#namespace));
    this.#narrowed.set(listener, narrowed);
    return narrowed;
  }
}

function withPolicy(scope: Scope, sidecar: Sidecar | null): Scope {
  const mode = sidecar?.spec.outboundTrafficPolicy?.mode;
  if (mode === undefined) return scope;
  const outboundTrafficPolicy: MeshSettings['outboundTrafficPolicy'] =
    mode === 'REGISTRY_ONLY' ? 'REGISTRY_ONLY' : 'ALLOW_ANY';
  const mesh = { ...scope.settings.mesh, outboundTrafficPolicy };
  return { ...scope, settings: { ...scope.settings, mesh } };
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
    services: scope.services.filter(({ namespace, host }) => {
      const covers = (pattern: string) => isHostWithin(host, pattern);
      return names(included, namespace, covers) && !names(excluded, namespace, covers);
    }),
  };
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
