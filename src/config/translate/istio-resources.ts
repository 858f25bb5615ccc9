/** Short names for the Istio resources that translation works on. */

import { compareText } from '../../base/compare-text.ts';
import type { Resource } from '../resource.ts';
import type { DestinationRuleSpec } from '../schema/destination-rule.ts';
import type { GatewaySpec } from '../schema/gateway.ts';
import type { SidecarSpec } from '../schema/sidecar.ts';
import type { VirtualServiceSpec } from '../schema/virtual-service.ts';

export type VirtualService = Resource<'VirtualService', VirtualServiceSpec>;
export type DestinationRule = Resource<'DestinationRule', DestinationRuleSpec>;
export type Gateway = Resource<'Gateway', GatewaySpec>;
export type Sidecar = Resource<'Sidecar', SidecarSpec>;

/** Istio's order wherever "the first wins": by age, then name, then namespace. */
export function inIstioOrder<T extends Resource<string, unknown>>(resources: readonly T[]): T[] {
  return [...resources].sort(
    ({ metadata: a }, { metadata: b }) =>
      a.creationTimestamp - b.creationTimestamp ||
      compareText(a.name, b.name) ||
      compareText(a.namespace, b.namespace),
  );
}
