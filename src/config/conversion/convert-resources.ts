/**
 * Ingress and the Gateway API in Istio's words, as Istio itself does: VirtualServices, Gateways and
 * DestinationRules are made from them, so that whatever holds for those holds for these too.
 */

import type { ProxySettings } from '../proxy-settings.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { TranslationFindings } from '../translate/translation-findings.ts';
import { convertBackendTlsPolicies } from './gateway-api/backend-tls-policies.ts';
import type { TlsByHost } from './gateway-api/backend-tls-variants.ts';
import { gatewayApiContext } from './gateway-api/context.ts';
import { convertGatewayApi } from './gateway-api/convert-gateway-api.ts';
import { withGrpcPorts } from './gateway-api/grpc-ports.ts';
import { convertIngresses } from './ingress/convert-ingresses.ts';
import type { ResourceStatus } from './resource-status.ts';

export interface Conversion {
  /** Those of the user with what was made from them. */
  readonly resources: ResourceSet;
  /** TLS that BackendTLSPolicies ask for. */
  readonly backendTls: TlsByHost;
  /** Of the resources of the Gateway API. */
  readonly statuses: readonly ResourceStatus[];
}

export function convertResources(
  resources: ResourceSet,
  settings: ProxySettings,
  findings: TranslationFindings,
): Conversion {
  const ingresses = convertIngresses({ resources, settings, findings });
  const context = gatewayApiContext(resources, settings, findings);
  const { statuses, ...gatewayApi } = convertGatewayApi(context);
  const made = withMade(withMade(resources, ingresses), gatewayApi);
  const all = { ...made, services: withGrpcPorts(context, statuses) };
  // Policies are for destinations, whoever names them.
  const policies = convertBackendTlsPolicies({ ...context, resources: all });
  const { virtualServices, destinationRules, applied } = policies;
  return {
    resources: { ...all, virtualServices, destinationRules },
    backendTls: applied,
    statuses: [...statuses, ...policies.statuses],
  };
}

/** Kinds that are made from others. */
type MadeResources = Partial<
  Pick<ResourceSet, 'virtualServices' | 'gateways' | 'destinationRules' | 'serviceEntries'>
>;

/** The user's own go first. */
function withMade(resources: ResourceSet, made: MadeResources): ResourceSet {
  const { virtualServices = [], gateways = [], destinationRules = [], serviceEntries = [] } = made;
  return {
    ...resources,
    virtualServices: [...resources.virtualServices, ...virtualServices],
    gateways: [...resources.gateways, ...gateways],
    destinationRules: [...resources.destinationRules, ...destinationRules],
    serviceEntries: [...resources.serviceEntries, ...serviceEntries],
  };
}
