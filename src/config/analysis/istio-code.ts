/** Codes of Istio's analyzers alone, with the severity they have here. `docs/messages.md` explains each. */

import type { Severity } from '../finding.ts';

/** Istio's names of its messages. */
export const istioCode = {
  referencedResourceNotFound: 'IST0101',
  conflictingMeshGatewayHosts: 'IST0109',
  conflictingSidecarSelectors: 'IST0110',
  multipleSidecarsWithoutSelectors: 'IST0111',
  destinationPortRequired: 'IST0112',
  portName: 'IST0118',
  noCertificateVerification: 'IST0128',
  noPortCertificateVerification: 'IST0129',
  hostNotFoundInGateway: 'IST0132',
  addressesRequired: 'IST0134',
  duplicateCertificate: 'IST0138',
  ingressRulesNotAffected: 'IST0140',
  conflictingGateways: 'IST0145',
  claimWithoutAuthentication: 'IST0149',
  externalNamePort: 'IST0150',
  invalidTelemetryProvider: 'IST0157',
  conflictingTelemetrySelectors: 'IST0159',
  multipleTelemetriesWithoutSelectors: 'IST0160',
  invalidGatewayCredential: 'IST0161',
  gatewayPortNotOnService: 'IST0162',
  internalGateway: 'IST0165',
  ineffectivePolicy: 'IST0167',
  subsetWithoutPods: 'IST0173',
  unknownRuleHost: 'IST0174',
  conflictingServiceEntryProtocol: 'IST0177',
} as const;

export type IstioCode = (typeof istioCode)[keyof typeof istioCode];

/**
 * Istio's levels, but for what is missing from the files, which is no error: it is often in the
 * cluster, or in the files of somebody else, and what is there is served all the same. A port
 * without a Service is an info: this proxy opens it itself. Of several Telemetry resources it is
 * defined here which counts.
 */
export const severityOfIstio: Readonly<Record<IstioCode, Severity>> = {
  [istioCode.referencedResourceNotFound]: 'warning',
  [istioCode.conflictingMeshGatewayHosts]: 'error',
  [istioCode.conflictingSidecarSelectors]: 'error',
  [istioCode.multipleSidecarsWithoutSelectors]: 'error',
  [istioCode.destinationPortRequired]: 'error',
  [istioCode.portName]: 'info',
  [istioCode.noCertificateVerification]: 'warning',
  [istioCode.noPortCertificateVerification]: 'warning',
  [istioCode.hostNotFoundInGateway]: 'warning',
  [istioCode.addressesRequired]: 'warning',
  [istioCode.duplicateCertificate]: 'warning',
  [istioCode.ingressRulesNotAffected]: 'warning',
  [istioCode.conflictingGateways]: 'error',
  [istioCode.claimWithoutAuthentication]: 'error',
  [istioCode.externalNamePort]: 'warning',
  [istioCode.invalidTelemetryProvider]: 'warning',
  [istioCode.conflictingTelemetrySelectors]: 'warning',
  [istioCode.multipleTelemetriesWithoutSelectors]: 'warning',
  [istioCode.invalidGatewayCredential]: 'error',
  [istioCode.gatewayPortNotOnService]: 'info',
  [istioCode.internalGateway]: 'warning',
  [istioCode.ineffectivePolicy]: 'warning',
  [istioCode.subsetWithoutPods]: 'warning',
  [istioCode.unknownRuleHost]: 'warning',
  [istioCode.conflictingServiceEntryProtocol]: 'warning',
};
