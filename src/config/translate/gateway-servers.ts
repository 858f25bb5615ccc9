/** The servers of all Gateways that this proxy serves, merged by port as Istio does. */

import type { ProxySettings } from '../proxy-settings.ts';
import { parseProtocol } from '../registry/protocol.ts';
import { hasLabels } from '../registry/service.ts';
import type { GatewayServer } from '../schema/gateway.ts';
import { type Gateway, inIstioOrder } from './istio-resources.ts';
import { type TranslationFindings, translationCode } from './translation-findings.ts';

export interface ServerHost {
  /** Namespace of the VirtualServices that may use the host; `*` for any. */
  readonly namespace: string;
  readonly host: string;
}

export interface BoundServer {
  readonly spec: GatewayServer;
  readonly resource: Gateway;
  readonly path: readonly (string | number)[];
  /** `namespace/name` of its Gateway. */
  readonly gateway: string;
  readonly hosts: readonly ServerHost[];
  readonly httpsRedirect: boolean;
}

/** All plain HTTP servers of one port and address: they share a listener and a route table. */
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
  const ports = new Map<string, GatewayPort & { readonly servers: BoundServer[] }>();
  for (const resource of gateways) {
    for (const [index, spec] of (resource.spec.servers ?? []).entries()) {
      const path = ['spec', 'servers', index];
      if (!isServed({ spec, resource, path }, findings)) continue;
      const port = spec.port?.number ?? 0;
      const bind = spec.bind === undefined || spec.bind === '' ? null : spec.bind;
      const key = `${bind ?? ''}_${port}`;
      const merged = ports.get(key) ?? { port, bind, servers: [] };
      merged.servers.push(bindServer(spec, resource, path));
      ports.set(key, merged);
    }
  }
  return [...ports.values()].sort((a, b) => a.port - b.port);
}

interface ServerPlace {
  readonly spec: GatewayServer;
  readonly resource: Gateway;
  readonly path: readonly (string | number)[];
}

function isServed({ spec, resource, path }: ServerPlace, findings: TranslationFindings): boolean {
  const protocol = parseProtocol(spec.port?.protocol);
  if (protocol === 'HTTP' || protocol === 'HTTP2' || protocol === 'GRPC') return true;
  const { number, protocol: written = 'without a protocol' } = spec.port ?? {};
  findings.add(
    translationCode.unservedProtocol,
    { resource, path: [...path, 'port'] },
    { message: `port ${number} (${written}) is not opened: only HTTP is served yet` },
  );
  return false;
}

function bindServer(
  spec: GatewayServer,
  resource: Gateway,
  path: readonly (string | number)[],
): BoundServer {
  const { namespace, name } = resource.metadata;
  return {
    spec,
    resource,
    path,
    gateway: `${namespace}/${name}`,
    hosts: (spec.hosts ?? []).map((host) => parseServerHost(host, namespace)),
    httpsRedirect: spec.tls?.httpsRedirect ?? false,
  };
}

/** `host`, `ns/host`, `./host` (the Gateway's own namespace); namespace `*` is any. */
function parseServerHost(text: string, gatewayNamespace: string): ServerHost {
  const slash = text.indexOf('/');
  if (slash === -1) return { namespace: '*', host: text };
  const namespace = text.slice(0, slash);
  return {
    namespace: namespace === '.' ? gatewayNamespace : namespace,
    host: text.slice(slash + 1),
  };
}
