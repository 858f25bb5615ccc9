/** The servers of all Gateways that this proxy serves, merged by port as Istio does. */

import type { ProxySettings } from '../../proxy-settings.ts';
import { hasLabels } from '../../registry/service.ts';
import { resourceLabel } from '../../resource.ts';
import type { GatewayServer } from '../../schema/gateway.ts';
import { type Gateway, inIstioOrder } from '../istio-resources.ts';
import { parseServerHost, type ServerHost } from '../listeners/server-host.ts';
import { type TranslationFindings, translationCode } from '../translation-findings.ts';
import { type ServerKind, serverKind } from './server-kind.ts';

export interface BoundServer {
  readonly kind: ServerKind;
  readonly spec: GatewayServer;
  readonly resource: Gateway;
  readonly path: readonly (string | number)[];
  /** `namespace/name` of its Gateway. */
  readonly gateway: string;
  /** The port as the Gateway has it. */
  readonly port: number;
  readonly hosts: readonly ServerHost[];
  readonly httpsRedirect: boolean;
}

/**
 * The servers that share a listener: all plain HTTP, one for TCP, or all TLS, which are told from
 * each other by server name.
 */
export interface GatewayPort {
  readonly port: number;
  /** `bind` of the servers; null for the proxy's default address. */
  readonly bind: string | null;
  readonly servers: readonly BoundServer[];
}

export function selectGateways(
  gateways: readonly Gateway[],
  { identity, selectorsApply }: ProxySettings,
): Gateway[] {
  return inIstioOrder(gateways).filter(
    ({ spec }) => !selectorsApply || hasLabels(identity.labels, spec.selector ?? {}),
  );
}

export function mergeServers(
  gateways: readonly Gateway[],
  findings: TranslationFindings,
): GatewayPort[] {
  const ports = new Map<string, MergedPort>();
  for (const resource of gateways) {
    for (const [index, spec] of (resource.spec.servers ?? []).entries()) {
      const server = bindServer(spec, resource, ['spec', 'servers', index], findings);
      if (server === null) continue;
      const bind = spec.bind === undefined || spec.bind === '' ? null : spec.bind;
      const key = `${bind ?? ''}_${server.port}`;
      const merged = ports.get(key) ?? new MergedPort(server.port, bind);
      ports.set(key, merged);
      merged.add(server, findings);
    }
  }
  return [...ports.values()]
    .filter(({ servers }) => servers.length > 0)
    .sort((a, b) => a.port - b.port);
}

interface Conflict {
  readonly field: 'hosts' | 'port';
  readonly message: string;
  readonly hint: string;
}

/** The servers of a port in Istio's order: what does not go with those before it is left out. */
class MergedPort implements GatewayPort {
  readonly port: number;
  readonly bind: string | null;
  readonly servers: BoundServer[] = [];
  /** Hosts of servers that have TLS settings, of which none may have two. */
  readonly #hosts = new Map<string, BoundServer>();

  constructor(port: number, bind: string | null) {
    this.port = port;
    this.bind = bind;
  }

  add(server: BoundServer, findings: TranslationFindings): void {
    const conflict = this.#conflict(server);
    if (conflict === null) {
      this.servers.push(server);
      return;
    }
    const { field, message, hint } = conflict;
    const place = { resource: server.resource, path: [...server.path, field] };
    findings.add(translationCode.serverConflict, place, { message, hint });
  }

  #conflict(server: BoundServer): Conflict | null {
    const double = this.#claimHosts(server);
    if (double !== null) {
      const message = `the server is left out: ${this.#nameOf(double.owner)} has ${double.host}`;
      const hint = 'write a host in one server of a port with TLS settings only';
      return { field: 'hosts', message, hint };
    }
    const [first] = this.servers;
    if (first === undefined || isMergeable(first.kind, server.kind)) return null;
    const written = first.spec.port?.protocol;
    const message = `the server is left out: ${this.#nameOf(first)} has the port for ${written}`;
    return { field: 'port', message, hint: 'give it another port' };
  }

  /** As in Istio, also a server that is then left out for its protocol has its hosts. */
  #claimHosts(server: BoundServer): { readonly host: string; readonly owner: BoundServer } | null {
    if (server.spec.tls === undefined) return null;
    const keys = server.hosts.map(({ namespace, host }) => {
      const name = host.toLowerCase();
      // A server name has no namespace.
      return isPlain(server.kind) ? `${namespace}/${name}` : name;
    });
    for (const [index, key] of keys.entries()) {
      const owner = this.#hosts.get(key);
      if (owner !== undefined) return { host: server.hosts[index]?.host ?? key, owner };
    }
    for (const key of keys) this.#hosts.set(key, server);
    return null;
  }

  #nameOf({ gateway, path, spec, resource }: BoundServer): string {
    const written = resource.madeFrom?.resource;
    if (written !== undefined) {
      const { kind, metadata } = written;
      const label = resourceLabel(kind, metadata.namespace, metadata.name);
      return kind === 'KubernetesGateway' ? `listener "${spec.port?.name}" of ${label}` : label;
    }
    return `server "${spec.name ?? spec.port?.name ?? path.at(-1)}" of Gateway ${gateway}`;
  }
}

function isPlain(kind: ServerKind): boolean {
  return kind === 'http' || kind === 'tcp';
}

function isMergeable(first: ServerKind, second: ServerKind): boolean {
  if (first === 'tcp') return false;
  return first === 'http' ? second === 'http' : !isPlain(second);
}

/** null where it cannot be served; the user is told. */
function bindServer(
  spec: GatewayServer,
  resource: Gateway,
  path: readonly (string | number)[],
  findings: TranslationFindings,
): BoundServer | null {
  const kind = serverKind(spec);
  if (!kind.ok) {
    const { field, message, hint } = kind.error;
    const place = { resource, path: [...path, field] };
    findings.add(translationCode.unservedProtocol, place, { message, hint });
    return null;
  }
  const { namespace, name } = resource.metadata;
  const hosts = (spec.hosts ?? []).map((host) => parseServerHost(host, namespace));
  return {
    kind: kind.value,
    spec,
    resource,
    path,
    gateway: `${namespace}/${name}`,
    port: spec.port?.number ?? 0,
    hosts,
    httpsRedirect: spec.tls?.httpsRedirect ?? false,
  };
}
