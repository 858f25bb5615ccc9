/** Gathers accepted resources by kind; of several with the same name the last one stays. */

import type { Finding } from '../finding.ts';
import { findingCode, severityOf } from '../finding-code.ts';
import { type Resource, resourceLabel } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { KindName } from '../schema/kinds.ts';
import { shownKind } from '../shown-kind.ts';

type AnyResource = Resource<string, unknown>;

export class ResourceCollector {
  readonly #resources = new Map<string, AnyResource>();
  readonly #replaced: { readonly old: AnyResource; readonly by: AnyResource }[] = [];

  add(resource: AnyResource): void {
    const { namespace, name } = resource.metadata;
    const key = `${resource.kind}/${namespace}/${name}`;
    const old = this.#resources.get(key);
    if (old !== undefined) {
      this.#replaced.push({ old, by: resource });
      this.#resources.delete(key);
    }
    this.#resources.set(key, resource);
  }

  duplicates(): Finding[] {
    return this.#replaced.map(({ old, by }) => {
      const { namespace, name } = by.metadata;
      const { line } = old.positionOf([]);
      return {
        code: findingCode.duplicateResource,
        severity: severityOf[findingCode.duplicateResource],
        message: `this replaces the ${shownKind(by.kind)} of the same name from ${old.file}:${line}`,
        hint: 'give one of them another name, or remove it',
        file: by.file,
        ...by.positionOf(['metadata', 'name']),
        path: 'metadata.name',
        resource: resourceLabel(by.kind, namespace, name),
      };
    });
  }

  resources(): ResourceSet {
    return {
      virtualServices: this.#ofKind('VirtualService'),
      destinationRules: this.#ofKind('DestinationRule'),
      gateways: this.#ofKind('Gateway'),
      serviceEntries: this.#ofKind('ServiceEntry'),
      workloadEntries: this.#ofKind('WorkloadEntry'),
      sidecars: this.#ofKind('Sidecar'),
      telemetries: this.#ofKind('Telemetry'),
      services: this.#ofKind('Service'),
      endpoints: this.#ofKind('Endpoints'),
      endpointSlices: this.#ofKind('EndpointSlice'),
      pods: this.#ofKind('Pod'),
      deployments: this.#ofKind('Deployment'),
      statefulSets: this.#ofKind('StatefulSet'),
      namespaces: this.#ofKind('Namespace'),
      secrets: this.#ofKind('Secret'),
      configMaps: this.#ofKind('ConfigMap'),
      ingresses: this.#ofKind('Ingress'),
      ingressClasses: this.#ofKind('IngressClass'),
      kubernetesGateways: this.#ofKind('KubernetesGateway'),
      gatewayClasses: this.#ofKind('GatewayClass'),
      httpRoutes: this.#ofKind('HTTPRoute'),
      grpcRoutes: this.#ofKind('GRPCRoute'),
      tlsRoutes: this.#ofKind('TLSRoute'),
      tcpRoutes: this.#ofKind('TCPRoute'),
      referenceGrants: this.#ofKind('ReferenceGrant'),
      backendTlsPolicies: this.#ofKind('BackendTLSPolicy'),
      bootstraps: this.#ofKind('Bootstrap'),
      toxicPolicies: this.#ofKind('ToxicPolicy'),
    };
  }

  /** The decoder has made each spec what the schema of its kind says. */
  #ofKind<Kind extends KindName, Spec>(kind: Kind): readonly Resource<Kind, Spec>[] {
    const matching = [...this.#resources.values()].filter((resource) => resource.kind === kind);
    return matching as unknown as readonly Resource<Kind, Spec>[];
  }
}
