/** Kiali's checks for the kinds that are read here, where Istio has none of its own. */

import type { Analyzer } from '../analyzer.ts';
import { conflictingRules } from './conflicting-rules.ts';
import { containerPorts } from './container-ports.ts';
import { egressHosts } from './egress-hosts.ts';
import { exportNamespaces } from './export-namespaces.ts';
import { hiddenTls } from './hidden-tls.ts';
import { matchGateways } from './match-gateways.ts';
import { oldGatewayNames } from './old-gateway-names.ts';
import { repeatedDestinations } from './repeated-destinations.ts';
import { selectorWorkloads } from './selector-workloads.ts';
import { singleWeights } from './single-weights.ts';
import { unlabelledSubsets } from './unlabelled-subsets.ts';

export const kialiAnalyzers: readonly Analyzer[] = [
  conflictingRules,
  containerPorts,
  egressHosts,
  exportNamespaces,
  hiddenTls,
  matchGateways,
  oldGatewayNames,
  repeatedDestinations,
  selectorWorkloads,
  singleWeights,
  unlabelledSubsets,
];
