/** Reports destinations of VirtualServices that do not exist: requests to them will get 503. */

import type { RegistryService } from '../registry/service.ts';
import type { Destination } from '../schema/virtual-service.ts';
import type { HostHints } from './host-hints.ts';
import { findService, type Scope } from './scope.ts';
import { type FindingPlace, translationCode } from './translation-findings.ts';
import type { HttpRule } from './virtual-services.ts';

interface NamedDestination {
  readonly destination: Destination;
  /** Within the rule. */
  readonly path: readonly (string | number)[];
}

export function reportDestinations(scope: Scope, hints: HostHints): void {
  for (const { rules } of scope.virtualServices) {
    for (const rule of rules) {
      for (const { destination, path } of destinationsOf(rule)) {
        const { resource } = rule;
        const place = { resource, path: [...rule.path, ...path] };
        const service = findService(scope, destination.host);
        if (service === null) {
          const hint = hints.for(destination.host, resource.metadata.namespace);
          reportHost(scope, destination.host, { place, hint });
          continue;
        }
        reportPort(scope, service, { place, destination });
        reportSubset(scope, service, { place, destination });
      }
    }
  }
}

function destinationsOf({ spec }: HttpRule): NamedDestination[] {
  const { route = [], mirror, mirrors = [] } = spec;
  return [
    ...route.map(({ destination }, index) => ({
      destination,
      path: ['route', index, 'destination'],
    })),
    ...(mirror === undefined ? [] : [{ destination: mirror, path: ['mirror'] }]),
    ...mirrors.map(({ destination }, index) => ({
      destination,
      path: ['mirrors', index, 'destination'],
    })),
  ];
}

interface HostPlace {
  readonly place: FindingPlace;
  readonly hint: string | null;
}

function reportHost(scope: Scope, host: string, { place, hint }: HostPlace): void {
  const { resource, path } = place;
  scope.findings.add(
    translationCode.unknownDestination,
    { resource, path: [...path, 'host'] },
    {
      message: `no Service or ServiceEntry has the host ${host}; requests to it get 503`,
      hint,
    },
  );
}

interface DestinationPlace {
  readonly place: FindingPlace;
  readonly destination: Destination;
}

function reportPort(
  scope: Scope,
  service: RegistryService,
  { place: { resource, path }, destination }: DestinationPlace,
): void {
  const wanted = destination.port?.number ?? 0;
  if (wanted === 0 || service.ports.some(({ number }) => number === wanted)) return;
  const ports = service.ports.map(({ number }) => number).join(', ');
  scope.findings.add(
    translationCode.unknownDestinationPort,
    { resource, path: [...path, 'port'] },
    {
      message: `${service.host} has no port ${wanted}; requests to it get 503`,
      hint: ports === '' ? 'it has no ports' : `it has ${ports}`,
    },
  );
}

function reportSubset(
  scope: Scope,
  service: RegistryService,
  { place: { resource, path }, destination }: DestinationPlace,
): void {
  const subset = destination.subset ?? '';
  const subsets = scope.destinationRules.for(service)?.subsets;
  if (subset === '' || subsets?.has(subset) === true) return;
  const names = [...(subsets?.keys() ?? [])].join(', ');
  scope.findings.add(
    translationCode.unknownSubset,
    { resource, path: [...path, 'subset'] },
    {
      message: `no DestinationRule for ${service.host} has a subset "${subset}"; requests get 503`,
      hint: names === '' ? 'there is no subset of this host' : `there are ${names}`,
    },
  );
}
