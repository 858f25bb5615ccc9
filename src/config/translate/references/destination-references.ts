/**
 * Reports destinations of VirtualServices that do not exist: requests to them will get an error,
 * connections will be closed.
 */

import type { RegistryService } from '../../registry/service.ts';
import type { RouteDestination } from '../../schema/connection-route.ts';
import type { Destination } from '../../schema/destination.ts';
import type { BoundVirtualService, HttpRule } from '../rules/virtual-services.ts';
import { findService, type Scope } from '../scope.ts';
import { type FindingPlace, translationCode } from '../translation-findings.ts';
import type { HostHints } from './host-hints.ts';

interface NamedDestination {
  readonly destination: Destination;
  readonly place: FindingPlace;
  /** What becomes of those that are sent there. */
  readonly fate: string;
}

export function reportDestinations(scope: Scope, hints: HostHints): void {
  for (const named of scope.virtualServices.flatMap(destinationsOf)) {
    const { destination, place } = named;
    // Of a route of the Gateway API whose reference does not hold; who converts it says so.
    if (destination.host === '') continue;
    const service = findService(scope, destination.host);
    if (service === null) {
      const namespace = place.resource?.metadata.namespace ?? '';
      reportHost(scope, named, hints.for(destination.host, namespace));
      continue;
    }
    reportPort(scope, service, named);
    reportSubset(scope, service, named);
  }
}

function destinationsOf(virtualService: BoundVirtualService): NamedDestination[] {
  const { rules, tlsRules, tcpRules } = virtualService;
  return [
    ...rules.flatMap(destinationsOfHttp),
    ...[...tlsRules, ...tcpRules].flatMap(({ spec, resource, path }) =>
      routeDestinations(spec.route, { resource, path }, 'connections to it are closed'),
    ),
  ];
}

function destinationsOfHttp({ spec, resource, path }: HttpRule): NamedDestination[] {
  const status = spec.extension?.semantics === 'gateway-api' ? 500 : 503;
  const fate = `requests to it get ${status}`;
  const copyFate = 'no copy is sent';
  const { route, mirror, mirrors = [], extension } = spec;
  const pages = extension?.errorResponses?.destination;
  return [
    ...routeDestinations(route, { resource, path }, fate),
    ...(mirror === undefined
      ? []
      : [{ destination: mirror, place: { resource, path: [...path, 'mirror'] }, fate: copyFate }]),
    ...mirrors.map(({ destination }, index) => ({
      destination,
      place: { resource, path: [...path, 'mirrors', index, 'destination'] },
      fate: copyFate,
    })),
    ...(pages === undefined ? [] : [errorPages(pages, { resource, path })]),
  ];
}

function errorPages(destination: Destination, { resource, path }: FindingPlace): NamedDestination {
  return {
    destination,
    place: { resource, path: [...path, 'extension', 'errorResponses', 'destination'] },
    fate: 'answers that it is to replace stay as they are',
  };
}

function routeDestinations(
  route: readonly RouteDestination[] = [],
  { resource, path }: FindingPlace,
  fate: string,
): NamedDestination[] {
  return route.map(({ destination }, index) => ({
    destination,
    place: { resource, path: [...path, 'route', index, 'destination'] },
    fate,
  }));
}

function reportHost(
  scope: Scope,
  { destination, place: { resource, path }, fate }: NamedDestination,
  hint: string | null,
): void {
  scope.findings.add(
    translationCode.unknownDestination,
    { resource, path: [...path, 'host'] },
    { message: `no Service or ServiceEntry has the host ${destination.host}; ${fate}`, hint },
  );
}

function reportPort(
  scope: Scope,
  service: RegistryService,
  { destination, place: { resource, path }, fate }: NamedDestination,
): void {
  const wanted = destination.port?.number ?? 0;
  if (wanted === 0 || service.ports.some(({ number }) => number === wanted)) return;
  const ports = service.ports.map(({ number }) => number).join(', ');
  scope.findings.add(
    translationCode.unknownDestinationPort,
    { resource, path: [...path, 'port'] },
    {
      message: `${service.host} has no port ${wanted}; ${fate}`,
      hint: ports === '' ? 'it has no ports' : `it has ${ports}`,
    },
  );
}

function reportSubset(
  scope: Scope,
  service: RegistryService,
  { destination, place: { resource, path }, fate }: NamedDestination,
): void {
  const subset = destination.subset ?? '';
  const subsets = scope.destinationRules.for(service)?.subsets;
  if (subset === '' || subsets?.has(subset) === true) return;
  const names = [...(subsets?.keys() ?? [])].join(', ');
  scope.findings.add(
    translationCode.unknownSubset,
    { resource, path: [...path, 'subset'] },
    {
      message: `no DestinationRule for ${service.host} has a subset "${subset}"; ${fate}`,
      hint: names === '' ? 'there is no subset of this host' : `there are ${names}`,
    },
  );
}
