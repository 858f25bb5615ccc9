/** What one proxy sees of all resources: the input of every table, listener and cluster. */

import type { MeshTelemetry } from '../../model/telemetry-settings.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import type { RegistryService } from '../registry/service.ts';
import type { ToxicPolicies } from './routes/toxic-policies.ts';
import type { DestinationRules } from './rules/destination-rules.ts';
import type { MeshHosts } from './rules/mesh-hosts.ts';
import type { BoundVirtualService } from './rules/virtual-services.ts';
import type { SecretReferences } from './secrets/secrets.ts';
import type { TranslationFindings } from './translation-findings.ts';

export interface Scope {
  readonly settings: ProxySettings;
  /** All that the namespace sees; a host may occur several times. */
  readonly candidates: readonly RegistryService[];
  /** One for each host, in the order in which they claim domains. */
  readonly services: readonly RegistryService[];
  /** Also by aliases. */
  readonly servicesByHost: ReadonlyMap<string, RegistryService>;
  /** In Istio's order. */
  readonly virtualServices: readonly BoundVirtualService[];
  /** Those of `virtualServices` that hold for the mesh. */
  readonly meshHosts: MeshHosts;
  readonly destinationRules: DestinationRules;
  readonly toxicPolicies: ToxicPolicies;
  /** Where requests to unknown hosts go (Sidecar `egressProxy`); null: where the client meant. */
  readonly egressCluster: string | null;
  /** The proxy is a gateway, too. */
  readonly servesGateways: boolean;
  /** Secrets that the model names are asked for here, and delivered with it. */
  readonly secrets: SecretReferences;
  /** What is told of requests, on each side. */
  readonly telemetry: MeshTelemetry;
  readonly findings: TranslationFindings;
}

/** The service that a destination's host names. */
export function findService(scope: Scope, host: string): RegistryService | null {
  return scope.servicesByHost.get(host) ?? null;
}
