/** Where requests for Ingresses come in: the servers of the Gateways that are made for them. */

import { isWildcardHost } from '../config/registry/host-names.ts';
import type { Resource } from '../config/resource.ts';
import type { GatewayServer, GatewaySpec } from '../config/schema/gateway.ts';
import { type MadeResources, sourcesOf } from './made-resources.ts';

export interface EntryPoint {
  readonly name: string;
  readonly namespace: string;
  readonly selector: Readonly<Record<string, string>>;
  /** For plain HTTP; null where there is none. */
  readonly plain: EntryServer | null;
  readonly secure: readonly SecureServer[];
  /** Labels of the Ingresses. */
  readonly sources: readonly string[];
}

export interface EntryServer {
  readonly spec: GatewayServer;
  readonly hosts: readonly string[];
}

export interface SecureServer extends EntryServer {
  /** `namespace/name` of the Gateway that was made, to which some VirtualServices are bound. */
  readonly gateway: string;
  /** That Gateway, and the path of the server there. */
  readonly resource: Resource<'Gateway', GatewaySpec>;
  readonly path: readonly (string | number)[];
}

export interface EntryName {
  readonly name: string;
  /** null: that of the first Ingress. */
  readonly namespace: string | null;
}

export function entryPoint(made: MadeResources, { name, namespace }: EntryName): EntryPoint {
  const { gateways, virtualServices } = made;
  const [first] = gateways;
  const servers = gateways.flatMap((resource) =>
    (resource.spec.servers ?? []).map((spec, index): SecureServer => {
      const { metadata } = resource;
      const hosts = withoutNamespaces(spec.hosts ?? []);
      const gateway = `${metadata.namespace}/${metadata.name}`;
      return { spec, hosts, gateway, resource, path: ['spec', 'servers', index] };
    }),
  );
  const plain = servers.find(({ spec }) => spec.tls === undefined);
  const own = virtualServices[0]?.metadata.namespace;
  return {
    name,
    namespace: namespace ?? own ?? first?.metadata.namespace ?? 'default',
    selector: first?.spec.selector ?? {},
    plain: plain === undefined ? null : { spec: plain.spec, hosts: plainHosts(made) },
    secure: servers.filter(({ spec }) => spec.tls !== undefined),
    sources: sourcesOf(gateways.map((resource) => ({ resource, path: [] }))),
  };
}

function withoutNamespaces(hosts: readonly string[]): string[] {
  return hosts.map((host) => host.slice(host.indexOf('/') + 1));
}

/** Every host, unless they can be named: a wildcard would be served for each of the names as well. */
function plainHosts({ virtualServices }: MadeResources): string[] {
  const hosts = [...new Set(virtualServices.flatMap(({ spec }) => spec.hosts ?? []))];
  return hosts.some(isWildcardHost) ? ['*'] : hosts;
}
