/** Istio's analyzers for the kinds that are read here, by the names that Istio gives them. */

import type { Analyzer } from '../analyzer.ts';
import { certificateVerification } from './certificate-verification.ts';
import { claimRoutes } from './claim-routes.ts';
import { conflictingGateways } from './conflicting-gateways.ts';
import { deprecatedFields } from './deprecated-fields.ts';
import { destinationHosts } from './destination-hosts.ts';
import { destinationSubsets } from './destination-subsets.ts';
import { gatewayCertificates } from './gateway-certificates.ts';
import { gatewayPorts } from './gateway-ports.ts';
import { gatewaySecrets } from './gateway-secrets.ts';
import { conflictingMeshHosts } from './mesh-hosts.ts';
import { portNames } from './port-names.ts';
import { serviceEntryAddresses } from './service-entry-addresses.ts';
import { serviceEntryProtocols } from './service-entry-protocols.ts';
import { sidecarSelectors } from './sidecar-selectors.ts';
import { subsetPods } from './subset-pods.ts';
import { telemetryProviders, telemetrySelectors } from './telemetry-selectors.ts';
import { unreachableRules } from './unreachable-rules.ts';
import { virtualServiceGateways } from './virtual-service-gateways.ts';

/** What Istio finds with its validation besides (IST0106, IST0133) is found when files are read. */
export const istioAnalyzers = {
  'deprecation.FieldAnalyzer': deprecatedFields,
  'destinationrule.CaCertificateAnalyzer': certificateVerification,
  'destinationrule.PodNotSelectedAnalyzer': subsetPods,
  'gateway.CertificateAnalyzer': gatewayCertificates,
  'gateway.ConflictingGatewayAnalyzer': conflictingGateways,
  'gateway.IngressGatewayPortAnalyzer': gatewayPorts,
  'gateway.SecretAnalyzer': gatewaySecrets,
  'schema.ValidationAnalyzer.VirtualService': unreachableRules,
  'service.PortNameAnalyzer': portNames,
  'serviceentry.ConflictingServiceEntryProtocolAnalyzer': serviceEntryProtocols,
  'serviceentry.ProtocolAddressesAnalyzer': serviceEntryAddresses,
  'sidecar.SelectorAnalyzer': sidecarSelectors,
  'telemetry.ProviderAnalyzer': telemetryProviders,
  'telemetry.SelectorAnalyzer': telemetrySelectors,
  'virtualservice.ConflictingMeshGatewayHostsAnalyzer': conflictingMeshHosts,
  'virtualservice.DestinationHostAnalyzer': destinationHosts,
  'virtualservice.DestinationRuleAnalyzer': destinationSubsets,
  'virtualservice.GatewayAnalyzer': virtualServiceGateways,
  'virtualservice.JWTClaimRouteAnalyzer': claimRoutes,
} as const satisfies Record<string, Analyzer>;
