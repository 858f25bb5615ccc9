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
import type { VirtualService } from '../../translate/istio-resources.ts';
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
  /** By host, then by name. */
  readonly #subsets = new Map<string, Map<string, Subset>>();

  constructor(context: GatewayApiContext, applied: TlsByHost) {
    this.#context = context;
    this.#applied = applied;
    this.#gateways = gatewaysByMade(context.resources);
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

  /** That the destinations of a host name. */
  subsetsOf(host: string): readonly Subset[] {
    return [...(this.#subsets.get(host)?.values() ?? [])];
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
    const subsets = this.#subsets.get(host) ?? new Map<string, Subset>();
    this.#subsets.set(host, subsets);
    if (!subsets.has(name)) subsets.set(name, { name, trafficPolicy: { tls: settings } });
    return { ...placed, destination: { ...placed.destination, subset: name } };
  }

  /** A subset that is named already has settings of its own. */
  #tlsOf({ host, port, subset }: Destination): ClientTlsSettings | undefined {
    const applied = this.#applied.get(host);
    if (applied === undefined || subset !== undefined) return undefined;
    const ofPort = applied.find((one) => one.port === port?.number);
    return (ofPort ?? applied.find((one) => one.port === null))?.tls;
  }
}

interface ShownCertificate {
  readonly credential: string;
  /** The Gateway, for names of subsets. */
  readonly owner: string;
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
