/** Annotations of our own on resources of others: what Istio and Kubernetes have no field for. */

import { healthCheckAnnotation } from './health-check-annotation.ts';
import type { KindName } from './schema/kinds.ts';

export interface Annotation {
  readonly kinds: readonly KindName[];
  /** `flag`: "true" or "false"; `text`: whoever reads it checks it. */
  readonly value: 'flag' | 'text';
}

export const annotationPrefix = 'sluice.dev/';

/** The hash of a request chooses among the destinations of a rule, too. */
export const stickyWeightsAnnotation = `${annotationPrefix}sticky-weights`;

/** The faults of the rules concern each attempt, so that retries may mask them. */
export const faultInAttemptAnnotation = `${annotationPrefix}fault-in-attempt`;

/** Every annotation there is. */
export const annotations: ReadonlyMap<string, Annotation> = new Map<string, Annotation>([
  [stickyWeightsAnnotation, { kinds: ['VirtualService'], value: 'flag' }],
  [healthCheckAnnotation, { kinds: ['Service', 'ServiceEntry', 'DestinationRule'], value: 'text' }],
  [faultInAttemptAnnotation, { kinds: ['VirtualService'], value: 'flag' }],
]);

/** For annotations that are flags; off where it is not there. */
export function isOn(given: Readonly<Record<string, string>>, name: string): boolean {
  return given[name] === 'true';
}
