/** Codes of Kiali's checks that Istio's analyzers lack. `docs/messages.md` explains each. */

import type { Severity } from '../finding.ts';

/** Kiali's codes; what it finds under others, and where that is found here, is documented. */
export const kialiCode = {
  selectorWithoutWorkload: 'KIA0004',
  unknownExportNamespace: 'KIA0005',
  conflictingRules: 'KIA0201',
  hiddenTls: 'KIA0204',
  subsetWithoutLabels: 'KIA0209',
  containerPort: 'KIA0701',
  unknownEgressHost: 'KIA1004',
  unlistedMatchGateway: 'KIA1102',
  singleWeight: 'KIA1104',
  repeatedDestination: 'KIA1105',
  oldGatewayName: 'KIA1108',
} as const;

export type KialiCode = (typeof kialiCode)[keyof typeof kialiCode];

/** Kiali knows the whole cluster; here what is missing may be in the files of somebody else. */
export const severityOfKiali: Readonly<Record<KialiCode, Severity>> = {
  [kialiCode.selectorWithoutWorkload]: 'warning',
  [kialiCode.unknownExportNamespace]: 'warning',
  [kialiCode.conflictingRules]: 'warning',
  [kialiCode.hiddenTls]: 'warning',
  [kialiCode.subsetWithoutLabels]: 'info',
  [kialiCode.containerPort]: 'warning',
  [kialiCode.unknownEgressHost]: 'warning',
  [kialiCode.unlistedMatchGateway]: 'warning',
  [kialiCode.singleWeight]: 'warning',
  [kialiCode.repeatedDestination]: 'warning',
  [kialiCode.oldGatewayName]: 'info',
};
