/** Attaches routes to the listeners of Gateways, as their `parentRefs` and the listeners say. */

import type { Path } from '../../problem.ts';
import type { GatewayApiListener } from '../../schema/gateway-api/gateway.ts';
import { gatewayApiGroup, type ParentReference } from '../../schema/gateway-api/references.ts';
import { nearestName } from '../../schema/suggest.ts';
import { translationCode } from '../../translate/translation-findings.ts';
import type { Attachment, LostHost, ParentAttachment, Route } from './attachment.ts';
import { conditionOf, type Mistake } from './conditions.ts';
import type { GatewayApiContext } from './context.ts';
import { madeGatewayName, type ServedGateway } from './gateways.ts';
import { covers, intersectHostnames } from './hostnames.ts';
import type { BoundListener } from './listeners.ts';
import { reportLostHosts } from './lost-hosts.ts';
import { selects } from './namespace-labels.ts';

export class RouteParents {
  readonly #context: GatewayApiContext;
  /** By `namespace/name`. */
  readonly #served: ReadonlyMap<string, ServedGateway>;
  /** Those of the files, served or not. */
  readonly #known: ReadonlySet<string>;
  readonly #attached = new Map<BoundListener, Set<Route>>();

  constructor(gateways: readonly ServedGateway[], context: GatewayApiContext) {
    this.#context = context;
    this.#served = new Map(gateways.map((gateway) => [nameOf(gateway.resource), gateway]));
    this.#known = new Set(context.resources.kubernetesGateways.map(nameOf));
  }

  /** What becomes of each of the `parentRefs`; what is wrong is told. */
  attach(route: Route): readonly ParentAttachment[] {
    const { parentRefs = [] } = route.spec;
    if (parentRefs.length === 0) this.#reportNoParent(route);
    const parents = parentRefs.map((ref, index) => this.#attachTo(route, ref, index));
    const listenersOf = ({ gateway }: BoundListener) =>
      this.#served.get(nameOf(gateway))?.listeners ?? [];
    reportLostHosts({ route, parents }, listenersOf, this.#context);
    return parents;
  }

  /** Of all routes that were attached so far. */
  routesOf(listener: BoundListener): number {
    return this.#attached.get(listener)?.size ?? 0;
  }

  #attachTo(route: Route, ref: ParentReference, index: number): ParentAttachment {
    const { group = gatewayApiGroup, kind = 'Gateway' } = ref;
    const result = { ref, index, attachments: [], lostHosts: [], accepted: null } as const;
    if (isMesh(group, kind)) return { ...result, parent: 'mesh' };
    if (group !== gatewayApiGroup || kind !== 'Gateway') {
      const message = `routes attach to a Gateway or a Service, not to a ${kind} of "${group}"`;
      const mistake = { reason: 'InvalidKind', message };
      this.#report(route, [index, 'kind'], mistake);
      return { ...result, parent: 'other', accepted: conditionOf('Accepted', mistake) };
    }
    const name = `${ref.namespace ?? route.metadata.namespace}/${ref.name}`;
    const gateway = this.#served.get(name);
    if (gateway !== undefined) return this.#attachToGateway(route, gateway, { ref, index });
    // Another proxy serves it.
    if (this.#known.has(name)) return { ...result, parent: 'other' };
    const mistake = {
      reason: 'NoMatchingParent',
      message: `there is no Gateway ${name}`,
      hint: didYouMean(nearestName(name, [...this.#known])),
    };
    this.#report(route, [index, 'name'], mistake);
    return { ...result, parent: 'gateway', accepted: conditionOf('Accepted', mistake) };
  }

  #attachToGateway(
    route: Route,
    gateway: ServedGateway,
    { ref, index }: Pick<ParentAttachment, 'ref' | 'index'>,
  ): ParentAttachment {
    const named = gateway.listeners.filter(({ spec }) => isNamed(spec, ref));
    const allowed = named.filter((listener) => this.#allows(listener, route));
    const common = allowed.map((listener) => ({
      listener,
      hostnames: hostnamesOf(listener, route),
    }));
    const taken = common.filter(({ hostnames }) => hostnames.length > 0);
    for (const { listener } of taken) this.#count(listener, route);
    const mistake =
      taken.length > 0
        ? null
        : refusal({ gateway, ref, route, named, isAllowed: allowed.length > 0 });
    if (mistake !== null) this.#report(route, [index, ...refusedField(mistake, ref)], mistake);
    return {
      ref,
      index,
      parent: 'gateway',
      attachments: taken.flatMap(({ listener, hostnames }) => attachment(listener, hostnames)),
      lostHosts: taken.flatMap(({ listener, hostnames }) => lostHosts(listener, hostnames)),
      accepted: conditionOf('Accepted', mistake, 'the route is attached'),
    };
  }

  #allows(listener: BoundListener, route: Route): boolean {
    return listener.kinds.includes(route.kind) && this.#allowsNamespace(listener, route);
  }

  #allowsNamespace({ gateway, spec }: BoundListener, { metadata: { namespace } }: Route): boolean {
    const { from = 'Same', selector } = spec.allowedRoutes?.namespaces ?? {};
    switch (from) {
      case 'All':
        return true;
      case 'Same':
        return namespace === gateway.metadata.namespace;
      case 'Selector': {
        const labels = this.#context.namespaces.of(namespace);
        return selector !== undefined && selects(selector, labels);
      }
      default:
        return false;
    }
  }

  #count(listener: BoundListener, route: Route): void {
    const routes = this.#attached.get(listener);
    if (routes === undefined) this.#attached.set(listener, new Set([route]));
    else routes.add(route);
  }

  #reportNoParent(resource: Route): void {
    const message = 'the route is attached to nothing and not served: it has no parentRefs';
    const hint = 'parentRefs: [{name: …}] names a Gateway';
    const place = { resource, path: ['spec', 'parentRefs'] };
    this.#context.findings.add(translationCode.routeNotAttached, place, { message, hint });
  }

  #report(route: Route, path: Path, { reason, message, hint = null }: Mistake): void {
    const code =
      reason === 'NoMatchingParent' && path.at(-1) === 'name'
        ? translationCode.unknownGateway
        : translationCode.routeNotAttached;
    this.#context.findings.add(
      code,
      { resource: route, path: ['spec', 'parentRefs', ...path] },
      { message: `the route is not attached (${reason}): ${message}`, hint },
    );
  }
}

function nameOf({ metadata }: ServedGateway['resource']): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function isMesh(group: string, kind: string): boolean {
  return (
    (group === '' && kind === 'Service') ||
    (group === 'networking.istio.io' && kind === 'ServiceEntry')
  );
}

function isNamed(
  { name, port }: GatewayApiListener,
  { sectionName = '', port: wanted }: ParentReference,
): boolean {
  return (sectionName === '' || sectionName === name) && (wanted === undefined || wanted === port);
}

function hostnamesOf({ hostname, protocol }: BoundListener, { spec }: Route): readonly string[] {
  return intersectHostnames(hostname, protocol === 'TCP' ? undefined : spec.hostnames);
}

/** A request is for the listener whose host fits it best, and for that one's routes alone. */
function attachment(listener: BoundListener, hostnames: readonly string[]): Attachment[] {
  const own = hostnames.filter((host) => !isOfNarrower(listener, host));
  if (!listener.isServed || own.length === 0) return [];
  const gatewayName = `${listener.gateway.metadata.namespace}/${madeGatewayName(listener)}`;
  return [{ listener, gatewayName, hostnames: own }];
}

function lostHosts(listener: BoundListener, hostnames: readonly string[]): LostHost[] {
  if (!listener.isServed) return [];
  const lost = hostnames.filter((host) => isOfNarrower(listener, host));
  return lost.map((host) => ({ listener, host }));
}

function isOfNarrower({ narrowerHosts }: BoundListener, host: string): boolean {
  return narrowerHosts.some((narrower) => covers(narrower, host));
}

interface Refused {
  readonly gateway: ServedGateway;
  readonly ref: ParentReference;
  readonly route: Route;
  readonly named: readonly BoundListener[];
  readonly isAllowed: boolean;
}

function refusal({ gateway, ref, route, named, isAllowed }: Refused): Mistake {
  const { name } = gateway.resource.metadata;
  if (named.length === 0) {
    const { sectionName, port } = ref;
    const wanted = [
      ...(sectionName === undefined ? [] : [`with name "${sectionName}"`]),
      ...(port === undefined ? [] : [`on port ${port}`]),
    ];
    const message = `Gateway ${name} has no listener ${wanted.join(' ')}`.trimEnd();
    const names = gateway.listeners.map(({ spec }) => spec.name);
    const near = sectionName === undefined ? null : nearestName(sectionName, names);
    const known = gateway.listeners.map(({ spec }) => `"${spec.name}" on port ${spec.port}`);
    const hint = near === sectionName ? null : didYouMean(near);
    return { reason: 'NoMatchingParent', message, hint: hint ?? `it has ${known.join(', ')}` };
  }
  const which = named.map(({ spec }) => `"${spec.name}"`).join(', ');
  if (isAllowed) {
    const message = `the hostnames have nothing in common with listener ${which} of Gateway ${name}`;
    const hosts = named.map(({ hostname }) => hostname).join(', ');
    return { reason: 'NoMatchingListenerHostname', message, hint: `served there: ${hosts}` };
  }
  const { namespace } = route.metadata;
  const reason = 'NotAllowedByListeners';
  if (named.some(({ kinds }) => kinds.includes(route.kind))) {
    const message = `listener ${which} of Gateway ${name} takes no routes of namespace ${namespace}`;
    const hint = 'allowedRoutes: {namespaces: {from: All}} of the listener takes those of all';
    return { reason, message, hint };
  }
  const kinds = [...new Set(named.flatMap((listener) => listener.kinds))];
  const message = `listener ${which} of Gateway ${name} takes no ${route.kind}`;
  return { reason, message, hint: kinds.length === 0 ? null : `it takes ${kinds.join(', ')}` };
}

function didYouMean(near: string | null): string | null {
  return near === null ? null : `did you mean "${near}"?`;
}

function refusedField({ reason }: Mistake, { sectionName, port }: ParentReference): Path {
  if (reason !== 'NoMatchingParent') return [];
  if (sectionName !== undefined) return ['sectionName'];
  return port === undefined ? [] : ['port'];
}
