/**
 * Where connections to a target of a BackendTLSPolicy differ from those of its other clients: TLS
 * that is passed on must not be wrapped once more, and a Gateway may show a certificate. Each is a
 * subset of all endpoints.
 */

import type { ResourceSet } from '../../resource-set.ts';
import type { RouteDestination } from '../../schema/connection-route.ts';
import type { Destination } from '../../schema/destination.ts';
import type { ClientTlsSettings, Subset } from '../../schema/destination-rule.ts';
import type { HttpMirrorPolicy, HttpRouteDestination } from '../../schema/virtual-service.ts';
import type { DestinationRule, VirtualService } from '../../translate/istio-resources.ts';
import { madeResource } from '../made-resource.ts';
import type { KubernetesGateway } from './attachment.ts';
import type { AppliedTls } from './backend-tls-rules.ts';
import { gatewayCredential, secretMistake } from './certificates.ts';
import type { GatewayApiContext } from './context.ts';

/** By host of the target. */
export type TlsByHost = ReadonlyMap<string, readonly AppliedTls[]>;

const passedOn = 'tls-passed-on';

type Placed = RouteDestination | HttpRouteDestination | HttpMirrorPolicy;

export class TlsVariants {
  readonly #context: GatewayApiContext;
  readonly #applied: TlsByHost;
  /** By `namespace/name` of the Gateway that was made for a listener. */
  readonly #gateways: ReadonlyMap<string, KubernetesGateway>;
  /** Those that were made without the policies: of sessions. By host, then by name. */
  readonly #known: SubsetsByHost = new Map();
  readonly #subsets: SubsetsByHost = new Map();

  constructor(context: GatewayApiContext, applied: TlsByHost) {
    this.#context = context;
    this.#applied = applied;
    this.#gateways = gatewaysByMade(context.resources);
    for (const { madeFrom, spec } of context.resources.destinationRules) {
      if (madeFrom === undefined) continue;
      for (const subset of spec.subsets ?? []) addSubset(this.#known, spec.host, subset);
    }
  }

  /** The same with destinations that name subsets; those of the user are left alone. */
  of(made: VirtualService): VirtualService {
    const { spec, madeFrom } = made;
    if (madeFrom === undefined) return made;
    const gateway = this.#gateways.get(spec.gateways?.[0] ?? '');
    const shown = gateway === undefined ? null : this.#certificateOf(gateway);
    if (shown === null && spec.tls === undefined) return made;
    const wrapped = <T extends Placed>(one: T): T => this.#withCertificate(one, shown);
    const { http, tcp, tls } = spec;
    return {
      ...made,
      spec: {
        ...spec,
        ...(http === undefined
          ? {}
          : {
              http: http.map(({ route, mirrors, ...rule }) => ({
                ...rule,
                ...(route === undefined ? {} : { route: route.map(wrapped) }),
                ...(mirrors === undefined ? {} : { mirrors: mirrors.map(wrapped) }),
              })),
            }),
        ...(tcp === undefined ? {} : { tcp: tcp.map((rule) => routed(rule, wrapped)) }),
        ...(tls === undefined
          ? {}
          : { tls: tls.map((rule) => routed(rule, (one) => this.#unwrapped(one))) }),
      },
    };
  }

  /** Of the subsets that destinations name. */
  destinationRules(): DestinationRule[] {
    return [...this.#subsets].flatMap(([host, subsets]) => {
      const first = this.#applied.get(host)?.[0];
      if (first === undefined) return [];
      return madeResource({
        kind: 'DestinationRule',
        name: `${host}~backend-tls`,
        spec: { host, subsets: [...subsets.values()] },
        from: first.policy,
        pathOf: () => ['spec', 'targetRefs', first.index],
      });
    });
  }

  #certificateOf(gateway: KubernetesGateway): ShownCertificate | null {
    const { tls, backendTLS } = gateway.spec;
    const ref = (tls?.backend ?? backendTLS)?.clientCertificateRef;
    if (ref === undefined || secretMistake(gateway, ref, this.#context) !== null) return null;
    const { namespace, name } = gateway.metadata;
    const credential = gatewayCredential(ref.namespace ?? namespace, ref.name);
    return { credential, owner: `${namespace}~${name}` };
  }

  #withCertificate<T extends Placed>(placed: T, shown: ShownCertificate | null): T {
    const { host, port } = placed.destination;
    const tls = shown === null ? undefined : this.#tlsOf(placed.destination);
    if (shown === null || tls === undefined) return placed;
    const { credential: shownCredential, owner } = shown;
    const settings: ClientTlsSettings = { ...tls, mode: 'MUTUAL', shownCredential };
    return this.#inSubset(placed, host, { name: `${owner}~${port?.number}`, settings });
  }

  #unwrapped<T extends Placed>(placed: T): T {
    if (this.#tlsOf(placed.destination) === undefined) return placed;
    const settings: ClientTlsSettings = { mode: 'DISABLE' };
    return this.#inSubset(placed, placed.destination.host, { name: passedOn, settings });
  }

  #inSubset<T extends Placed>(
    placed: T,
    host: string,
    { name, settings }: { readonly name: string; readonly settings: ClientTlsSettings },
  ): T {
    const base = this.#known.get(host)?.get(placed.destination.subset ?? '');
    const subset = base === undefined ? name : `${base.name}~${name}`;
    const trafficPolicy = { ...base?.trafficPolicy, tls: settings };
    addSubset(this.#subsets, host, { name: subset, trafficPolicy });
    return { ...placed, destination: { ...placed.destination, subset } };
  }

  #tlsOf({ host, port }: Destination): ClientTlsSettings | undefined {
    const applied = this.#applied.get(host);
    if (applied === undefined) return undefined;
    const ofPort = applied.find((one) => one.port === port?.number);
    return (ofPort ?? applied.find((one) => one.port === null))?.tls;
  }
}

interface ShownCertificate {
  readonly credential: string;
  /** The Gateway, for names of subsets. */
  readonly owner: string;
}

type SubsetsByHost = Map<string, Map<string, Subset>>;

function addSubset(all: SubsetsByHost, host: string, subset: Subset): void {
  const subsets = all.get(host) ?? new Map<string, Subset>();
  all.set(host, subsets);
  subsets.set(subset.name, subset);
}

function gatewaysByMade({ gateways, kubernetesGateways }: ResourceSet) {
  const written = new Set<unknown>(kubernetesGateways);
  const made = new Map<string, KubernetesGateway>();
  for (const { madeFrom, metadata } of gateways) {
    if (!written.has(madeFrom?.resource)) continue;
    made.set(`${metadata.namespace}/${metadata.name}`, madeFrom?.resource as KubernetesGateway);
  }
  return made;
}

interface RoutedRule {
  route?: RouteDestination[];
}

function routed<T extends RoutedRule>(
  rule: T,
  change: (one: RouteDestination) => RouteDestination,
): T {
  return rule.route === undefined ? rule : { ...rule, route: rule.route.map(change) };
}
