/**
 * A path of an Ingress between what is written and the HttpRoute of a VirtualService: here
 * annotations say what they change.
 */

import type { Result } from '../../../base/result.ts';
import type { Path } from '../../problem.ts';
import type { ProxySettings } from '../../proxy-settings.ts';
import type { Resource, WrittenPlace } from '../../resource.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { Destination } from '../../schema/destination.ts';
import type { HttpIngressPath, IngressClassSpec, IngressSpec } from '../../schema/ingress.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';
import type { TranslationFindings } from '../../translate/translation-findings.ts';

export type Ingress = Resource<'Ingress', IngressSpec>;
export type IngressClass = Resource<'IngressClass', IngressClassSpec>;

/**
 * Whose reading of an Ingress holds: Istio takes `ImplementationSpecific` for `Exact`, annotations
 * of nginx's controller count for `nginx` alone.
 */
export type Dialect = 'istio' | 'nginx' | 'kubernetes';

/** Of two rules of one host the longer goes first, of equally long ones an exact one. */
export interface Precedence {
  readonly length: number;
  readonly isExact: boolean;
}

/** Why requests cannot be sent to a backend. */
export interface BackendProblem {
  /** From the root of the Ingress. */
  readonly path: Path;
  readonly message: string;
  readonly hint: string | null;
}

/**
 * One path of one host, or a default backend, with what is done with its requests.
 *
 * `read-rules.ts` makes them, one for each path as if no annotation were there. Then
 * `annotations/apply-annotations.ts` gets the whole list and returns it changed: with rules that
 * have other `routes`, another `host` or `precedence`, with more rules (further hosts, `/`), or
 * fewer (a canary becomes a weighted destination of the rule that it is for). Rules are values:
 * what changes one makes a copy, `{ ...rule, routes, placeOf }`. At the end rules of one host become
 * the VirtualService of the host, in the order of their precedence; equals keep their order.
 */
export interface IngressRule {
  readonly ingress: Ingress;
  readonly dialect: Dialect;
  /** Of the path, or of the default backend, in the Ingress: `spec.rules[0].http.paths[1]`. */
  readonly path: Path;
  /** `*` where the rule names none. */
  readonly host: string;
  /** `null` for a default backend. */
  readonly written: HttpIngressPath | null;
  readonly backend: Result<Destination, BackendProblem>;
  readonly precedence: Precedence;
  /**
   * What becomes of requests, in this order: at first one that sends them to `backend`, or none
   * where that cannot be. A rule that has none at the end is left out, and the user told why.
   */
  readonly routes: readonly HttpRoute[];
  /**
   * Where a part of a route is written, by its path in the route, `['rewrite', 'uri']`. What an
   * annotation adds stands at `['metadata', 'annotations', name]`.
   */
  placeOf(path: Path): WrittenPlace;
}

export interface IngressContext {
  readonly resources: ResourceSet;
  readonly settings: ProxySettings;
  readonly findings: TranslationFindings;
  /** Whether a host of a rule is served on port 443, too. */
  isTlsHost(host: string): boolean;
}
