/** A service of the registry: one host name with its ports and endpoints, wherever it came from. */

import type { ClusterDiscovery } from '../../model/cluster.ts';
import type { Workload } from '../../model/endpoint.ts';
import { type Locality, unknownLocality } from '../../model/locality.ts';
import type { Origin } from '../../model/origin.ts';
import type { Visibility } from './export-to.ts';
import type { Protocol } from './protocol.ts';

export interface RegistryPort {
  readonly number: number;
  readonly name: string;
  readonly protocol: Protocol;
}

export interface RegistryEndpoint {
  /** IP address, or a host name where the service is resolved by DNS. */
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly locality: Locality;
  /** With those of its place (`withTopology`). */
  readonly labels: Readonly<Record<string, string>>;
  readonly workload: Workload | null;
}

export interface RegistryService extends Visibility {
  readonly source: 'Service' | 'ServiceEntry';
  /** Fully qualified; only a ServiceEntry may have a wildcard. */
  readonly host: string;
  /** Kubernetes name; for a ServiceEntry its host, as in Istio's metrics. */
  readonly name: string;
  readonly namespace: string;
  readonly ports: readonly RegistryPort[];
  /** By port number. */
  readonly endpoints: ReadonlyMap<number, readonly RegistryEndpoint[]>;
  readonly discovery: ClusterDiscovery;
  /** Virtual addresses that clients may use as the host. */
  readonly addresses: readonly string[];
  /** The same as ranges (CIDR), for connections; only a ServiceEntry has them. */
  readonly addressRanges: readonly string[];
  /** Names of pods are hosts too: `pod-0.host`. */
  readonly headless: boolean;
  /** Further hosts that stand for this service (Services of type ExternalName). */
  readonly aliases: readonly string[];
  /** The name is known from an ExternalName whose target is in no registry. */
  readonly external: boolean;
  /** Near endpoints are preferred without any DestinationRule (Service trafficDistribution). */
  readonly prefersNear: 'zone' | 'node' | null;
  /** Text of the annotation `sluice.dev/health-check`; null without one. */
  readonly healthCheck: string | null;
  /** Names of which the certificate of an endpoint must have one (ServiceEntry subjectAltNames). */
  readonly subjectAltNames: readonly string[];
  readonly selector: Readonly<Record<string, string>> | null;
  /** targetPort of each port by number, where it is a number. */
  readonly targetPorts: ReadonlyMap<number, number>;
  readonly creationTimestamp: number;
  readonly origin: Origin;
}

/** `region/zone/subzone`; missing parts are unknown. */
export function parseLocality(text: string | undefined): Locality {
  if (text === undefined || text === '') return unknownLocality;
  const [region = '', zone = '', subzone = ''] = text.split('/');
  return { region, zone, subzone };
}

/** An empty selector selects nothing. */
export function selectorOf(
  labels: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | null {
  return labels === undefined || Object.keys(labels).length === 0 ? null : labels;
}

/** Whether `labels` has everything that `selector` asks for. */
export function hasLabels(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>>,
): boolean {
  for (const name in selector) if (labels[name] !== selector[name]) return false;
  return true;
}
