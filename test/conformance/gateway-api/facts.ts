/**
 * What a test of the conformance suite does beside its cases, which the data does not tell: where
 * requests go, which conditions it wants, and what it asks in a program.
 */

import type { ExpectedCase, Place, PlacedCase } from './expectations.ts';
import { backendTlsFacts } from './facts-backend-tls.ts';
import { gatewayFacts } from './facts-gateway.ts';
import { httpRouteFacts } from './facts-http-route.ts';
import { meshFacts } from './facts-mesh.ts';
import { streamFacts } from './facts-stream.ts';
import type { Manifest } from './manifests.ts';

export interface TestFacts {
  /** Why the test is not played at all. */
  readonly notPlayed?: string;
  /** Every case is played on each of these Gateways. */
  readonly gateways?: readonly string[];
  /** Of all cases; a list: by their position. */
  readonly at?: Place | readonly Place[];
  /** By position, what a case of the data has been given as a program. */
  readonly and?: readonly ExpectedCase[];
  /** In place of the cases of the data. */
  readonly cases?: readonly PlacedCase[];
  /** After them. */
  readonly more?: readonly PlacedCase[];
  readonly conditions?: readonly ConditionFact[];
  /** What the test changes in the cluster before it looks. */
  readonly edit?: (manifests: readonly Manifest[]) => Manifest[];
}

/** Conditions of a resource, of one of its listeners, or of a route at one of its parents. */
export interface ConditionFact {
  /** `HTTPRoute name` or `HTTPRoute namespace/name`; the namespace of the infrastructure else. */
  readonly of: string;
  /** Name of the listener, or of the Gateway. */
  readonly part?: string;
  /** `ResolvedRefs=False RefNotPermitted`; without a reason any will do. */
  readonly is: readonly string[];
  /** Routes of the listener. */
  readonly attached?: number;
  /** Kinds of routes that the listener supports. */
  readonly kinds?: readonly string[];
}

const allFacts: Readonly<Record<string, TestFacts>> = {
  ...backendTlsFacts,
  ...gatewayFacts,
  ...httpRouteFacts,
  ...meshFacts,
  ...streamFacts,
};

/** Tests of which nothing is said are played as the data has them. */
export function factsOf(test: string): TestFacts {
  if (/ObservedGenerationBump$/.test(test)) {
    return { notPlayed: 'needs a cluster: observedGeneration after an update' };
  }
  if (test.startsWith('ListenerSet')) return { notPlayed: 'not supported: ListenerSet' };
  if (test.startsWith('UDPRoute')) return { notPlayed: 'not supported: UDPRoute' };
  return allFacts[test] ?? {};
}

export function namesOfFacts(): string[] {
  return Object.keys(allFacts);
}

export function placeOf({ at = {} }: TestFacts, index: number): Place {
  return Array.isArray(at) ? (at[index] ?? {}) : (at as Place);
}
