/** A route: what it matches and what happens then, in Envoy's words. */

import type { CustomResponsePolicy } from './custom-response.ts';
import type { HeaderMutation } from './header-mutation.ts';
import type { Origin, SettingOrigins } from './origin.ts';
import type { RequestAdmission } from './request-admission.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { RouteMatch } from './route-match.ts';
import type { CorsPolicy, FaultPolicy, HashPolicy, MirrorPolicy } from './route-policy.ts';
import type { Toxic } from './toxic.ts';

export interface WeightedCluster {
  readonly cluster: string;
  /** Relative to the sum over the action's clusters. */
  readonly weight: number;
  readonly requestHeaders: HeaderMutation | null;
  readonly responseHeaders: HeaderMutation | null;
  /** Authority sent upstream when this cluster is chosen; the action's own wins over it. */
  readonly hostRewrite: string | null;
}

export interface RegexRewrite {
  /** RE2 syntax; every occurrence in the path is replaced. */
  readonly pattern: string;
  /** `\0` to `\9` stand for groups. */
  readonly substitution: string;
}

export interface ForwardAction {
  readonly kind: 'forward';
  /** Never empty; zero weights have been dropped. */
  readonly clusters: readonly WeightedCluster[];
  /**
   * Replaces the matched prefix, or the whole path after an exact or regex match. Empty: takes it
   * away, and what is left begins with one slash more only where it has none (Gateway API).
   */
  readonly prefixRewrite: string | null;
  readonly regexRewrite: RegexRewrite | null;
  readonly hostRewrite: string | null;
  /** Milliseconds for the whole request with its retries; 0 is no limit. */
  readonly timeoutMs: number;
  /**
   * Milliseconds without a byte from an endpoint that has the whole request: 504 before its
   * response, a reset after (Envoy per_try_idle_timeout, nginx proxy_read_timeout). Absent: none.
   */
  readonly idleTimeoutMs?: number;
  /**
   * Milliseconds in which an endpoint takes nothing of a request while some of it waits to be sent:
   * 504 (nginx proxy_send_timeout). Absent: none.
   */
  readonly sendTimeoutMs?: number;
  readonly retryPolicy: RetryPolicy | null;
  readonly hashPolicies: readonly HashPolicy[];
  /**
   * Ours, false in Istio: the hash of the request chooses among `clusters` too, by weighted
   * rendezvous hashing (`routing/sticky-choice.ts`), so that a client stays with its cluster while
   * weights change. A request without a hash is sent anywhere, by weight.
   */
  readonly stickyWeights: boolean;
  readonly mirrors: readonly MirrorPolicy[];
  /** Status where the named cluster does not exist: 503 for Istio, 500 for Gateway API. */
  readonly clusterNotFoundStatus: 500 | 503;
}

export interface RedirectAction {
  readonly kind: 'redirect';
  readonly status: 301 | 302 | 303 | 307 | 308;
  readonly scheme: string | null;
  readonly host: string | null;
  readonly port: number | null;
  /** Ours, absent in Istio: where `port` is null the location has none, whatever the request has. */
  readonly dropsPort?: boolean;
  /** Replaces the whole path. */
  readonly path: string | null;
  /** Replaces the matched prefix. */
  readonly prefixRewrite: string | null;
}

export interface DirectResponseAction {
  readonly kind: 'direct-response';
  readonly status: number;
  readonly body: { readonly encoding: 'utf8' | 'base64'; readonly data: string } | null;
}

export type RouteAction = ForwardAction | RedirectAction | DirectResponseAction;

export interface Route {
  /** As it appears as %ROUTE_NAME%; empty if the rule has none. */
  readonly name: string;
  readonly match: RouteMatch;
  readonly action: RouteAction;
  readonly requestHeaders: HeaderMutation | null;
  readonly responseHeaders: HeaderMutation | null;
  readonly fault: FaultPolicy | null;
  readonly cors: CorsPolicy | null;
  /** In the order in which they are drawn; never empty. */
  readonly toxics: readonly Toxic[] | null;
  /** What requests must pass before they are sent on; absent: nothing. Only of routes that forward. */
  readonly admission?: RequestAdmission;
  /** Answers in place of the route's; absent: none. Only of routes that forward. */
  readonly customResponse?: CustomResponsePolicy;
  readonly origin: Origin;
  /** Of `timeout`, `retries` and other fields of its rule; absent where no rule made it. */
  readonly settingOrigins?: SettingOrigins;
}
