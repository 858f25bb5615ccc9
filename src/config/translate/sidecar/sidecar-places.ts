/**
 * Which services connections to an outbound listener may be for, and how they are told apart: by
 * the address that a connection was made to, or by its server name.
 */

import { isDeclaredHttp, isHttp, type Protocol } from '../../registry/protocol.ts';
import type { RegistryService } from '../../registry/service.ts';
import { serviceDomains } from './sidecar-domains.ts';

export interface PlacedService {
  readonly service: RegistryService;
  readonly protocol: Protocol;
  /** Addresses and ranges that connections to it are made to; empty: any. */
  readonly destinations: readonly string[];
  /** Server names of TLS connections to it; empty: any. */
  readonly serverNames: readonly string[];
}

export interface Placement {
  /** Whether HTTP is routed by the authority of each request. */
  readonly http: boolean;
  /** Those whose connections are passed on, in the order in which they are asked. */
  readonly services: readonly PlacedService[];
}

interface Place {
  /** What the listener is bound to. */
  readonly address: string;
  readonly servicePort: number;
  /** Namespace and domain by which clients complete names. */
  readonly client: { readonly namespace: string; readonly domainSuffix: string };
}

interface Candidate {
  readonly service: RegistryService;
  readonly protocol: Protocol;
}

const unspecified: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

export function isTls(protocol: Protocol): boolean {
  return protocol === 'TLS' || protocol === 'HTTPS';
}

/** `services` in the order in which they claim what they share. */
export function placeServices(services: readonly RegistryService[], place: Place): Placement {
  const candidates = services.flatMap((service) => candidate(service, place.servicePort));
  const connections = candidates.filter(({ protocol }) => !isDeclaredHttp(protocol));
  const owners = connections.filter(({ service }) => service.addresses.includes(place.address));
  if (owners.length > 0 && !unspecified.has(place.address)) {
    // The address is that of a service: nothing else is called there.
    return {
      http: owners.some(({ protocol }) => protocol === 'UNSPECIFIED'),
      services: owners.map((owner) => ({ ...owner, destinations: [], serverNames: [] })),
    };
  }
  const byAddress = connections.flatMap((one) => atOwnAddresses(one, place));
  return {
    http: candidates.length === 0 || candidates.some(({ protocol }) => isHttp(protocol)),
    services: [...byAddress, ...atAnyAddress(connections, place)],
  };
}

function candidate(service: RegistryService, servicePort: number): Candidate[] {
  const port = service.ports.find(
    ({ number, protocol }) => number === servicePort && protocol !== 'UDP',
  );
  return port === undefined ? [] : [{ service, protocol: port.protocol }];
}

function atOwnAddresses(one: Candidate, place: Place): PlacedService[] {
  const { service } = one;
  const places: PlacedService[] = [];
  const own = virtualAddresses(service);
  if (own.length > 0 && unspecified.has(place.address)) {
    places.push({ ...one, destinations: own, serverNames: [] });
  }
  if (service.addressRanges.length > 0) {
    const serverNames = serverNamesFor(service, place);
    places.push({ ...one, destinations: service.addressRanges, serverNames });
  }
  return places;
}

/**
 * Connections to other addresses: for services without an address of their own, and after them for
 * those whose address the listener cannot have. Without interception of traffic clients cannot
 * connect to that, so such a service has all connections of its port where it is alone.
 */
function atAnyAddress(connections: readonly Candidate[], place: Place): PlacedService[] {
  const isAlone = connections.length === 1;
  const placed: PlacedService[] = [];
  const last: PlacedService[] = [];
  for (const one of connections) {
    const { service } = one;
    const hasRange = service.addressRanges.length > 0;
    if (!hasAddress(service)) {
      placed.push({ ...one, destinations: [], serverNames: serverNamesFor(service, place) });
    } else if (!hasRange && (isAlone || !isReached(service, place))) {
      const serverNames = isAlone ? [] : serverNamesFor(service, place);
      last.push({ ...one, destinations: [], serverNames });
    }
  }
  return [...placed, ...last];
}

/** Whether clients can connect to an address by which the listener knows the service. */
function isReached(service: RegistryService, place: Place): boolean {
  return unspecified.has(place.address) && virtualAddresses(service).length > 0;
}

/** A Service has an address in its cluster, even where the file does not tell it. */
function hasAddress(service: RegistryService): boolean {
  if (service.source === 'Service') return !service.headless;
  return virtualAddresses(service).length + service.addressRanges.length > 0;
}

function virtualAddresses({ addresses }: RegistryService): string[] {
  return addresses.filter((address) => !unspecified.has(address));
}

function serverNamesFor(service: RegistryService, { client }: Place): readonly string[] {
  if (service.source !== 'Service') return [service.host, ...service.aliases];
  const named = { ...service, addresses: [], headless: false };
  return serviceDomains(named, client).domains.filter((domain) => !domain.endsWith('.'));
}
