/** Which Gateways this proxy serves: by their class, by its labels, or all of them. */

import type { ProxySettings } from '../../proxy-settings.ts';
import { serviceHostName } from '../../registry/host-names.ts';
import { hasLabels } from '../../registry/service.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { ResourceStatus } from '../resource-status.ts';
import type { KubernetesGateway } from './attachment.ts';
import { holds } from './conditions.ts';

type GatewayClass = ResourceSet['gatewayClasses'][number];

const controllers: ReadonlySet<string> = new Set([
  'istio.io/gateway-controller',
  'sluice.dev/gateway-controller',
]);

/** Classes that are there without an object. */
const builtInClasses: ReadonlySet<string> = new Set(['istio', 'sluice']);

/** Istio gives it to the proxies that it deploys for a Gateway. */
const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name';

export class ServedGateways {
  readonly #resources: ResourceSet;
  readonly #settings: ProxySettings;
  readonly #classes: ReadonlySet<string>;

  constructor(resources: ResourceSet, settings: ProxySettings) {
    const { gatewayClasses } = resources;
    const served = gatewayClasses.filter(isOurs).map(({ metadata }) => metadata.name);
    // An object goes before what is built in.
    const defined = new Set(gatewayClasses.map(({ metadata }) => metadata.name));
    const builtIn = [...builtInClasses].filter((name) => !defined.has(name));
    this.#resources = resources;
    this.#settings = settings;
    this.#classes = new Set([...served, ...builtIn]);
  }

  /** Without labels from the user every Gateway is served, as every Gateway of Istio is. */
  has(gateway: KubernetesGateway): boolean {
    const { selectorsApply, identity } = this.#settings;
    if (!selectorsApply) return true;
    const { metadata, spec } = gateway;
    if (!this.#classes.has(spec.gatewayClassName)) return false;
    const own = identity.labels[gatewayNameLabel];
    if (own === undefined) return this.#isAddressed(gateway);
    return own === metadata.name && identity.namespace === metadata.namespace;
  }

  /** `addresses` of a Gateway that is not deployed name the Service of its proxies. */
  #isAddressed({ metadata, spec }: KubernetesGateway): boolean {
    const { identity, mesh } = this.#settings;
    const hosts = (spec.addresses ?? []).map(({ value = '' }) => value);
    return this.#resources.services.some(({ metadata: service, spec: { selector } }) => {
      if (service.namespace !== identity.namespace || selector === undefined) return false;
      const full = serviceHostName(service, mesh.domainSuffix);
      const isNamed =
        hosts.includes(full) ||
        (service.namespace === metadata.namespace && hosts.includes(service.name));
      return isNamed && hasLabels(identity.labels, selector);
    });
  }

  /** Of those classes that are served here. */
  statuses(): readonly ResourceStatus[] {
    return this.#resources.gatewayClasses
      .filter((one) => isOurs(one) || !this.#settings.selectorsApply)
      .map((one) => ({
        kind: 'GatewayClass',
        namespace: '',
        name: one.metadata.name,
        conditions: [holds('Accepted', 'Accepted', acceptedBecause(one))],
        parts: [],
      }));
  }
}

function isOurs({ spec }: GatewayClass): boolean {
  return controllers.has(spec.controllerName);
}

function acceptedBecause(gatewayClass: GatewayClass): string {
  return isOurs(gatewayClass)
    ? 'the controller is this one'
    : 'every class is served where the proxy has no labels';
}
