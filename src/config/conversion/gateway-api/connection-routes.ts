/** TLSRoutes and TCPRoutes: rules for connections, of Gateways and of the mesh. */

import type { ResourceSet } from '../../resource-set.ts';
import type { VirtualService } from '../../translate/istio-resources.ts';
import type { Condition, ResourceStatus } from '../resource-status.ts';
import type { Attachment, ParentAttachment } from './attachment.ts';
import { Backends } from './backends.ts';
import {
  type ConnectionRoute,
  type ConnectionTargets,
  type ConnectionVirtualService,
  connectionTargets,
  connectionVirtualService,
  type TlsRouteResource,
} from './connection-rule.ts';
import type { GatewayApiContext } from './context.ts';
import { madeGatewayName, madeGateways } from './gateways.ts';
import { anyHost } from './hostnames.ts';
import { MeshParents } from './mesh-parents.ts';
import type { RouteParents } from './parents.ts';
import { referenceConditions, reportReference } from './reference-problem.ts';
import { inAge } from './route-age.ts';
import { routeStatus } from './route-status.ts';

export interface ConvertedConnectionRoutes {
  /** For hosts of listeners where TLS ends: each may go elsewhere. */
  readonly gateways: ResourceSet['gateways'];
  /** `namespace/name` of Gateways made for listeners that these stand in for. */
  readonly replaced: ReadonlySet<string>;
  readonly virtualServices: readonly VirtualService[];
  readonly statuses: readonly ResourceStatus[];
}

export function convertConnectionRoutes(
  context: GatewayApiContext,
  parents: RouteParents,
): ConvertedConnectionRoutes {
  const { tlsRoutes, tcpRoutes } = context.resources;
  const converter = new ConnectionRoutes(context);
  const statuses = inAge<ConnectionRoute>([...tlsRoutes, ...tcpRoutes]).map((route) =>
    converter.convert(route, parents.attach(route)),
  );
  const { gateways, replaced, virtualServices } = converter;
  return { gateways, replaced, virtualServices, statuses };
}

class ConnectionRoutes {
  readonly gateways: ResourceSet['gateways'][number][] = [];
  readonly virtualServices: VirtualService[] = [];
  readonly #context: GatewayApiContext;
  readonly #backends: Backends;
  readonly #meshParents: MeshParents;
  /** Hosts of listeners that an older route has, `gateway host`. */
  readonly #taken = new Set<string>();
  /** Gateways of which some route has a host, and those of which one has all. */
  readonly #narrowed = new Set<string>();
  readonly #used = new Set<string>();

  constructor(context: GatewayApiContext) {
    this.#context = context;
    this.#backends = new Backends(context);
    this.#meshParents = new MeshParents(context);
  }

  get replaced(): ReadonlySet<string> {
    return new Set([...this.#narrowed].filter((name) => !this.#used.has(name)));
  }

  convert(route: ConnectionRoute, parents: readonly ParentAttachment[]): ResourceStatus {
    const made = new MadeRules(route, this.virtualServices);
    const kinds = new Map<ParentAttachment['parent'], readonly Condition[]>();
    for (const kind of new Set(parents.map(({ parent }) => parent))) {
      if (kind === 'other') continue;
      const isMesh = kind === 'mesh';
      const targets = connectionTargets(route, { backends: this.#backends, isMesh });
      this.#report(route, targets);
      kinds.set(kind, referenceConditions(targets.problems));
      made.targets.set(kind, targets);
    }
    const attached = parents.flatMap(({ attachments }) => attachments);
    const byGateway = new Map(attached.map((one) => [one.gatewayName, one]));
    for (const attachment of byGateway.values()) this.#serve(made, attachment);
    return routeStatus(route, parents, (parent) => {
      const conditions = kinds.get(parent.parent) ?? [];
      return parent.parent === 'mesh' ? [this.#join(made, parent), ...conditions] : conditions;
    });
  }

  #serve(made: MadeRules, { listener, gatewayName, hostnames }: Attachment): void {
    const { protocol, hostname } = listener;
    if (protocol === 'TLS passthrough') {
      const tls = hostnames.map((host) => ({ sniHosts: [host] }));
      made.add('gateway', { gateway: gatewayName, hosts: hostnames, match: { tls } });
      return;
    }
    // TCP, or what is within TLS that ends here.
    if (protocol !== 'TLS' || hostnames.includes(hostname)) {
      this.#used.add(gatewayName);
      made.add('gateway', { gateway: gatewayName, hosts: [anyHost], match: { tcp: [] } });
      return;
    }
    this.#narrowed.add(gatewayName);
    for (const host of hostnames) {
      const key = `${gatewayName} ${host}`;
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      const name = `${listener.spec.name}~${host}`;
      const narrower = { ...listener, spec: { ...listener.spec, name }, hostname: host };
      const { gateway: resource } = listener;
      this.gateways.push(...madeGateways({ resource, listeners: [narrower], conditions: [] }));
      const gateway = `${resource.metadata.namespace}/${madeGatewayName(narrower)}`;
      made.add('gateway', { gateway, hosts: [host], match: { tcp: [] } });
    }
  }

  /** To clients of a Service; what it returns is `Accepted`. */
  #join(made: MadeRules, { ref, index }: ParentAttachment): Condition {
    const { route } = made;
    const { parent, accepted } = this.#meshParents.attach(route, { ref, index });
    if (parent === null) return accepted;
    const { hosts, port, exportTo } = parent;
    const onPort = port === null ? {} : { port };
    const match =
      route.kind === 'TCPRoute'
        ? { tcp: port === null ? [] : [onPort] }
        : { tls: serverNames(route, hosts).map((host) => ({ sniHosts: [host], ...onPort })) };
    made.add('mesh', { gateway: 'mesh', hosts, match, exportTo });
    return accepted;
  }

  #report(route: ConnectionRoute, { problems }: ConnectionTargets): void {
    const fate = 'its connections are closed';
    for (const problem of problems) {
      reportReference(problem, { resource: route, fate }, this.#context.findings);
    }
  }
}

/** Clients ask for a Service by its own name. */
function serverNames(
  { spec: { hostnames = [] } }: TlsRouteResource,
  hosts: readonly string[],
): readonly string[] {
  return hostnames.length === 0 ? hosts : hostnames;
}

type RuleParts = Pick<ConnectionVirtualService, 'gateway' | 'hosts' | 'match'> &
  Partial<Pick<ConnectionVirtualService, 'exportTo'>>;

/** What is made from one route. */
class MadeRules {
  readonly route: ConnectionRoute;
  /** Other namespaces ask for a ReferenceGrant of a Gateway's route only. */
  readonly targets = new Map<ParentAttachment['parent'], ConnectionTargets>();
  readonly #output: VirtualService[];
  #count = 0;

  constructor(route: ConnectionRoute, output: VirtualService[]) {
    this.route = route;
    this.#output = output;
  }

  add(kind: 'gateway' | 'mesh', { exportTo = '*', ...parts }: RuleParts): void {
    const targets = this.targets.get(kind);
    if (targets === undefined) return;
    const index = this.#count;
    this.#count += 1;
    const { route } = this;
    this.#output.push(connectionVirtualService({ route, targets, index, exportTo, ...parts }));
  }
}
