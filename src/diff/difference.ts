/** What a comparison of two configurations finds. Plain JSON, which `--output json` prints. */

import type { Mismatch } from '../routing/explain.ts';
import type { ConnectionRegion } from './connection-difference.ts';
import type { DifferentTreatment, FieldDifference } from './different-treatment.ts';

export interface RouteReference {
  readonly virtualHost: string;
  /** As %ROUTE_NAME%; may be empty. */
  readonly name: string;
  /** Place among the routes of its virtual host, from 0. */
  readonly position: number;
  /** `reviews.yaml:12`; empty for what the proxy made by itself. */
  readonly place: string;
  /** Conditions of the route in words. */
  readonly conditions: readonly string[];
}

/** Which way a request goes by one of the configurations, and why. */
export interface Way {
  /** null: no route matches. */
  readonly route: RouteReference | null;
  /** Routes before it whose path fits, with what they missed: the last few of them. */
  readonly rejected: readonly RejectedReference[];
  /** How many other routes before it did not match. */
  readonly passedOver: number;
  /** What happens to the request in words. */
  readonly outcome: string;
}

export interface RejectedReference {
  readonly route: RouteReference;
  readonly mismatches: readonly Mismatch[];
}

export interface ExampleRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Requests that the configurations treat differently, all in the same way. */
export interface Region extends DifferentTreatment<ExampleRequest, Way> {
  /** Route tables, such as `http.80` of a Gateway or `9080` of the mesh. */
  readonly tables: readonly string[];
  /** Domains of the virtual hosts. */
  readonly hosts: readonly string[];
  /** Conditions that all of these requests fulfil, in words. Empty: every request. */
  readonly conditions: readonly string[];
}

/** Something beside the routes of requests: a listener, or a cluster that no request reaches. */
export interface StructuralDifference {
  readonly kind: 'listener' | 'cluster' | 'telemetry' | 'route-table';
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly differences: readonly FieldDifference[];
}

export interface ModelDifference {
  readonly regions: readonly Region[];
  readonly connections: readonly ConnectionRegion[];
  readonly others: readonly StructuralDifference[];
  /** What could not be looked into: regular expressions, too many cases. Empty: all was. */
  readonly notes: readonly string[];
}
