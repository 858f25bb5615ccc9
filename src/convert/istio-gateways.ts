/** The Gateways of Istio for what comes in: one, unless not all rules are for the same servers. */

import { hostsOverlap } from '../config/registry/host-names.ts';
import type { ConvertedResource } from './converted-resource.ts';
import type { EntryPoint, EntryServer, SecureServer } from './entry-point.ts';
import { fromText } from './from-text.ts';
import { isServedAt, type MadeHost } from './made-hosts.ts';
import { sourcesOf } from './made-resources.ts';
import type { ResourceNames } from './resource-names.ts';
import { secretOf } from './secret-of.ts';

export interface IstioGateways {
  readonly resources: readonly ConvertedResource[];
  /** Names for a VirtualService of a host, whose rules are for `madeGateways`. */
  namesOf(madeGateways: readonly string[], host: MadeHost): string[];
}

/** `names`: of Gateways. */
export function istioGateways(
  names: ResourceNames,
  entry: EntryPoint,
  hosts: readonly MadeHost[],
): IstioGateways {
  const { name, namespace, plain, secure, sources } = entry;
  const own = plain === null ? [] : [plain];
  const reference = (gateway: string, from: string) =>
    from === namespace ? gateway : `${namespace}/${gateway}`;
  const apart = { ...entry, secure: secure.flatMap(oneForEachHost) };
  if (allAreBoundAlike(apart, hosts)) {
    const servers = [...own, ...secure];
    return {
      resources: servers.length === 0 ? [] : [gatewayOf(entry, { name, servers, sources })],
      namesOf: (_, { namespace: from }) => [reference(name, from)],
    };
  }
  const secured = new Map<SecureServer, string>();
  const gateways = groupsAlike(apart, hosts).map((group) => {
    const own = names.choose(namespace, [secureName(entry, group)]);
    for (const server of group) secured.set(server, own);
    const from = sourcesOf(group.map(({ resource }) => ({ resource, path: [] })));
    return gatewayOf(entry, { name: own, servers: joined(group), sources: from });
  });
  return {
    resources: [gatewayOf(entry, { name, servers: own, sources }), ...gateways],
    namesOf: (made, host) => {
      const bound = boundServers(apart, { gateways: made, host, hosts });
      const all = new Set([name, ...bound.flatMap((server) => secured.get(server) ?? [])]);
      return [...all].map((one) => reference(one, host.namespace));
    },
  };
}

function oneForEachHost(server: SecureServer): SecureServer[] {
  return server.hosts.map((host) => ({ ...server, hosts: [host] }));
}

/** Servers of one Gateway that rules of the same hosts are for. */
function groupsAlike(entry: EntryPoint, hosts: readonly MadeHost[]): SecureServer[][] {
  const keys = new Map(entry.secure.map((server) => [server, [server.gateway]]));
  for (const host of hosts) {
    for (const [index, { gateways }] of host.groups.entries()) {
      for (const server of boundServers(entry, { gateways, host, hosts })) {
        keys.get(server)?.push(`${host.host} ${index}`);
      }
    }
  }
  return [...Map.groupBy(entry.secure, (server) => keys.get(server)?.join()).values()];
}

/** What `oneForEachHost` has taken apart. */
function joined(servers: readonly SecureServer[]): EntryServer[] {
  const bySpec = Map.groupBy(servers, ({ spec }) => spec);
  return [...bySpec].map(([spec, own]) => ({ spec, hosts: own.flatMap(({ hosts }) => hosts) }));
}

interface Binding {
  readonly gateways: readonly string[];
  readonly host: MadeHost;
  readonly hosts: readonly MadeHost[];
}

/** Servers with TLS that rules of a host are for. */
function boundServers({ secure }: EntryPoint, { gateways, host, hosts }: Binding): SecureServer[] {
  return secure.filter(
    ({ gateway, hosts: own }) =>
      gateways.includes(gateway) &&
      own.some(
        (name) => hostsOverlap(name, host.host) && isServedAt(host, { name, gateway }, hosts),
      ),
  );
}

/** Whether no rule is kept from a server that has its host, or a part of it. */
function allAreBoundAlike(entry: EntryPoint, hosts: readonly MadeHost[]): boolean {
  return hosts.every((host) =>
    host.groups.every(({ gateways }) => {
      const bound = boundServers(entry, { gateways, host, hosts });
      return entry.secure.every(
        (server) =>
          bound.includes(server) || !server.hosts.some((name) => hostsOverlap(name, host.host)),
      );
    }),
  );
}

/** `ingress-shop`, after the Ingress with the certificate. */
function secureName({ name }: EntryPoint, [first]: readonly SecureServer[]): string {
  const source = first?.resource.madeFrom?.resource.metadata;
  return `${name}-${source?.namespace}-${source?.name}`;
}

interface GatewayParts {
  readonly name: string;
  readonly servers: readonly EntryServer[];
  readonly sources: readonly string[];
}

function gatewayOf(
  { namespace, selector }: EntryPoint,
  { name, servers, sources }: GatewayParts,
): ConvertedResource {
  const secrets = new Set(servers.flatMap(({ spec }) => secretOf(spec)?.name ?? []));
  const where = [...secrets].map(
    (secret) => `The Secret ${secret} must be in the namespace of the pods of the gateway.`,
  );
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace },
    spec: { selector, servers: servers.map(gatewayServer) },
    remarks: [fromText(sources), ...where],
  };
}

function gatewayServer({ spec, hosts }: EntryServer, index: number) {
  const { port = {}, tls } = spec;
  const protocol = port.protocol ?? 'HTTP';
  const name = protocol === 'HTTP' ? 'http' : `${protocol.toLowerCase()}-${index}`;
  const secret = secretOf(spec);
  const credential = secret === null ? {} : { credentialName: secret.name };
  return {
    port: { number: port.number, name, protocol },
    hosts,
    ...(tls === undefined ? {} : { tls: { mode: tls.mode, ...credential } }),
  };
}
