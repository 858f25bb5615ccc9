/** Parents of routes that are Services or ServiceEntries: the routes are for clients of the mesh. */

import type { ProxySettings } from '../../proxy-settings.ts';
import { serviceHostName } from '../../registry/host-names.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { ParentReference } from '../../schema/gateway-api/references.ts';
import { translationCode } from '../../translate/translation-findings.ts';
import type { Condition } from '../resource-status.ts';
import type { ParentAttachment, Route } from './attachment.ts';
import { conditionOf } from './conditions.ts';
import type { GatewayApiContext } from './context.ts';

export interface MeshParent {
  /** Those that clients call. */
  readonly hosts: readonly string[];
  /** null: all. */
  readonly port: number | null;
  /**
   * Of whom the rules are: a route in the namespace of its parent is for all clients, any other
   * one for clients of its own namespace, where it goes before those of the parent's.
   */
  readonly exportTo: '*' | '.';
}

export interface MeshAttachment {
  /** null: it cannot be attached. */
  readonly parent: MeshParent | null;
  readonly accepted: Condition;
}

interface KnownParent {
  readonly hosts: readonly string[];
  readonly ports: readonly { readonly name: string; readonly number: number }[];
}

export class MeshParents {
  readonly #services: ReadonlyMap<string, ResourceSet['services'][number]>;
  readonly #entries: ReadonlyMap<string, ResourceSet['serviceEntries'][number]>;
  readonly #settings: ProxySettings;
  readonly #findings: GatewayApiContext['findings'];

  constructor({ resources, settings, findings }: GatewayApiContext) {
    this.#services = new Map(resources.services.map((one) => [nameOf(one), one]));
    this.#entries = new Map(resources.serviceEntries.map((one) => [nameOf(one), one]));
    this.#settings = settings;
    this.#findings = findings;
  }

  /** What is wrong is told. */
  attach(route: Route, { ref, index }: Pick<ParentAttachment, 'ref' | 'index'>): MeshAttachment {
    const namespace = ref.namespace ?? route.metadata.namespace;
    const label = `${ref.kind ?? 'Service'} ${namespace}/${ref.name}`;
    const known = this.#find(ref, `${namespace}/${ref.name}`);
    if (known === null) return this.#refuse(route, [index, 'name'], `there is no ${label}`);
    const { sectionName, port } = ref;
    const matching = known.ports.filter(
      ({ name, number }) =>
        (sectionName === undefined || sectionName === name) &&
        (port === undefined || port === number),
    );
    const [first] = matching;
    const isForAll = sectionName === undefined && port === undefined;
    if (!isForAll && first === undefined) {
      const field = sectionName === undefined ? 'port' : 'sectionName';
      const message = `${label} has no port ${sectionName ?? port}`;
      return this.#refuse(route, [index, field], message);
    }
    const exportTo = namespace === route.metadata.namespace ? '*' : '.';
    return {
      parent: { hosts: known.hosts, port: isForAll ? null : (first?.number ?? null), exportTo },
      accepted: conditionOf('Accepted', null, 'the route is attached'),
    };
  }

  #find({ kind }: ParentReference, name: string): KnownParent | null {
    if (kind === 'ServiceEntry') {
      const entry = this.#entries.get(name)?.spec;
      if (entry === undefined) return null;
      const ports = (entry.ports ?? []).map(({ name: port = '', number }) => ({
        name: port,
        number: number ?? 0,
      }));
      return { hosts: entry.hosts ?? [], ports };
    }
    const service = this.#services.get(name);
    if (service === undefined) return null;
    const ports = (service.spec.ports ?? []).map(({ name: port = '', port: number }) => ({
      name: port,
      number,
    }));
    return { hosts: [serviceHostName(service.metadata, this.#settings.mesh.domainSuffix)], ports };
  }

  #refuse(route: Route, field: readonly (string | number)[], message: string): MeshAttachment {
    const reason = 'NoMatchingParent';
    this.#findings.add(
      translationCode.routeNotAttached,
      { resource: route, path: ['spec', 'parentRefs', ...field] },
      { message: `the route is not attached (${reason}): ${message}` },
    );
    return { parent: null, accepted: conditionOf('Accepted', { reason, message }) };
  }
}

function nameOf({ metadata }: { readonly metadata: Route['metadata'] }): string {
  return `${metadata.namespace}/${metadata.name}`;
}
