/** What a route does with a request, field by field, so that two routes can be compared. */

import { unreachable } from '../base/assert.ts';
import { unicodeFromWire } from '../base/wire-text.ts';
import type { Cluster } from '../model/cluster.ts';
import type { RetryPolicy } from '../model/retry-policy.ts';
import type { ForwardAction, RouteAction, WeightedCluster } from '../model/route.ts';
import type { CompiledRoute } from '../routing/compiled-route.ts';
import { rewritePath } from '../routing/path-rewrite.ts';
import { redirectLocation } from '../routing/redirect.ts';
import type { RouteRequest } from '../routing/route-request.ts';
import { canonicalText, provenance } from './canonical.ts';
import { describeCluster, destinationField } from './destination-field.ts';
import type { FieldDifference } from './different-treatment.ts';
import { durationText, type Field, fieldDifferences, plain } from './field.ts';
import { routePolicyFields } from './route-policy-fields.ts';

type DirectResponseAction = Extract<RouteAction, { kind: 'direct-response' }>;
type ClustersByName = ReadonlyMap<string, Cluster>;

export interface Behaviour {
  /** Equal: the same for every request that both routes match. */
  readonly key: string;
  readonly fields: ReadonlyMap<string, Field>;
  readonly clusters: readonly string[];
  /** The destination policies of `clusters`. */
  readonly policies: ReadonlyMap<string, ReadonlyMap<string, Field>>;
}

const notFound: Behaviour = simpleBehaviour('404: no route');
const httpsRedirect: Behaviour = simpleBehaviour('301: redirect to https');

/** `null`: no route matches; `to-https`: the virtual host takes no plain text. */
export type Routed = CompiledRoute | 'to-https' | null;

/** Behaviours of the routes of one configuration. */
export class Behaviours {
  readonly #clusters: ClustersByName;
  readonly #known = new Map<CompiledRoute, Behaviour>();
  readonly #policies = new Map<string, ReadonlyMap<string, Field>>();

  constructor(clusters: readonly Cluster[]) {
    this.#clusters = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  }

  of(route: Routed): Behaviour {
    if (route === null) return notFound;
    if (route === 'to-https') return httpsRedirect;
    const known = this.#known.get(route);
    if (known !== undefined) return known;
    const behaviour = routeBehaviour(route, this.#clusters, (name) => this.policyOf(name));
    this.#known.set(route, behaviour);
    return behaviour;
  }

  /** What holds for the endpoints of a cluster. */
  policyOf(name: string): ReadonlyMap<string, Field> {
    const policy = this.#policies.get(name) ?? policyFields(this.#clusters.get(name));
    this.#policies.set(name, policy);
    return policy;
  }
}

function routeBehaviour(
  route: CompiledRoute,
  clusters: ClustersByName,
  policyOf: (name: string) => ReadonlyMap<string, Field>,
): Behaviour {
  const { action, requestHeaders, responseHeaders, toxics } = route.route;
  const names = action.kind === 'forward' ? clusterNames(action) : [];
  const fields = new Map<string, Field>([['action', plain(action.kind)]]);
  for (const [name, field] of actionFields(route, clusters)) fields.set(name, field);
  fields.set('request headers', plain(requestHeaders));
  fields.set('response headers', plain(responseHeaders));
  fields.set('toxics', plain(toxics));
  for (const [name, field] of routePolicyFields(route.route)) fields.set(name, field);
  const policies = new Map(names.map((name) => [name, policyOf(name)]));
  const rewriting = rewritingOf(route);
  const key = canonicalText([
    [...fields].map(([name, field]) => [name, field.key]),
    [...policies].map(([name, policy]) => [name, [...policy].map(([, field]) => field.key)]),
    rewriting,
  ]);
  return { key, fields, clusters: names, policies };
}

/** What differs whatever the request is; where the path goes is in `rewritingDifferences`. */
export function fixedDifferences(before: Behaviour, after: Behaviour): FieldDifference[] {
  const found = routeDifferences(before, after);
  for (const name of before.clusters) {
    const [old, now] = [before.policies.get(name), after.policies.get(name)];
    if (old === undefined || now === undefined) continue;
    const differences = fieldDifferences(old, now, ` of ${describeCluster(name)}`);
    // Where one of them does not exist, that says it all.
    found.push(...(old.size === 1 || now.size === 1 ? differences.slice(0, 1) : differences));
  }
  return found;
}

const resultFields = ['destination', 'redirect', 'direct response', 'status'];

/** Routes of two kinds have other fields: what comes of them is told first, in one place. */
function routeDifferences(before: Behaviour, after: Behaviour): FieldDifference[] {
  const found = fieldDifferences(before.fields, after.fields, '');
  const isKept = before.fields.get('action')?.key === after.fields.get('action')?.key;
  const isTold = ({ field }: FieldDifference) =>
    field !== missing || (before.fields.has(field) && after.fields.has(field));
  if (isKept) return found.filter(isTold);
  const details = found.filter(
    ({ field }) => ![...resultFields, 'action', missing].includes(field),
  );
  return [
    { field: 'action', old: describeOutcome(before), new: describeOutcome(after) },
    ...details,
  ];
}

/** Where the path and the redirect of this request differ. */
export function rewritingDifferences(
  before: CompiledRoute | null,
  after: CompiledRoute | null,
  request: RouteRequest,
): FieldDifference[] {
  if (before === null || after === null) return [];
  if (before.action.kind !== after.action.kind) return [];
  const [old, now] = [rewritten(before, request), rewritten(after, request)];
  if (old === now) return [];
  const field = before.action.kind === 'redirect' ? 'location' : 'path sent upstream';
  return [{ field, old: unicodeFromWire(old), new: unicodeFromWire(now) }];
}

/** All fields of a cluster that a destination rule or the registry sets. */
export function clusterDifferences(before: Cluster, after: Cluster): FieldDifference[] {
  return fieldDifferences(policyFields(before), policyFields(after), '');
}

/** In a line: `reviews:9080 v1 90 %, reviews:9080 v2 10 %`, or a status. */
export function describeOutcome(behaviour: Behaviour): string {
  const { fields } = behaviour;
  const name = resultFields.find((field) => fields.has(field)) ?? 'action';
  const text = fields.get(name)?.text ?? '';
  return name === 'destination' || name === 'status' ? text : `${name} ${text}`;
}

/** Of what ends here, told by `text` alone. */
export function simpleBehaviour(text: string): Behaviour {
  const fields = new Map([
    ['action', { key: text, text: 'answer' }],
    ['status', { key: text, text }],
  ]);
  return { key: text, fields, clusters: [], policies: new Map() };
}

function* actionFields(
  route: CompiledRoute,
  clusters: ClustersByName,
): Iterable<readonly [string, Field]> {
  const { action } = route.route;
  switch (action.kind) {
    case 'forward':
      yield* forwardFields(action, clusters);
      return;
    case 'redirect':
      // Where it leads depends on the request, and is compared with it.
      yield ['redirect', { key: String(action.status), text: redirectText(action) }];
      return;
    case 'direct-response':
      yield ['direct response', directResponse(action)];
      return;
    default:
      unreachable(action);
  }
}

function directResponse({ status, body }: DirectResponseAction): Field {
  const text = body === null ? '' : ` with ${body.encoding === 'utf8' ? '' : 'bytes '}`;
  const content = body === null ? '' : JSON.stringify(body.data);
  return { key: canonicalText({ status, body }), text: `${status}${text}${content}` };
}

/** Of the clusters themselves it is told whether they exist. */
const missing = 'status without cluster';

function* forwardFields(
  action: ForwardAction,
  known: ClustersByName,
): Iterable<readonly [string, Field]> {
  const { clusters, timeoutMs, retryPolicy, mirrors, hashPolicies, stickyWeights } = action;
  const { idleTimeoutMs, sendTimeoutMs } = action;
  yield ['destination', destinationField(clusters)];
  yield ['timeout', { key: String(timeoutMs), text: durationText(timeoutMs) }];
  yield ['idle timeout', plain(idleTimeoutMs ?? null)];
  yield ['send timeout', plain(sendTimeoutMs ?? null)];
  yield ['retries', retries(retryPolicy)];
  yield ['mirror', plain(mirrors.length === 0 ? null : mirrors)];
  yield ['hash', plain(hashPolicies.length === 0 ? null : hashPolicies)];
  yield ['sticky weights', plain(stickyWeights || null)];
  yield ['host sent upstream', plain(hostRewrites(action))];
  yield ['headers of destinations', plain(destinationHeaders(clusters))];
  const isMissing = clusters.some(({ cluster }) => !known.has(cluster));
  if (isMissing) yield [missing, plain(action.clusterNotFoundStatus)];
}

function retries(policy: RetryPolicy | null): Field {
  if (policy === null || policy.numRetries === 0) return plain(null);
  const { numRetries, perTryTimeoutMs, retryOn, retriableStatusCodes } = policy;
  const each = perTryTimeoutMs === 0 ? '' : `, each at most ${durationText(perTryTimeoutMs)}`;
  const text = `${numRetries}${each}, on ${[...retryOn, ...retriableStatusCodes].join(', ')}`;
  return { ...plain(policy), text };
}

/** The route's own wins over those of its clusters. */
function hostRewrites({ hostRewrite, clusters }: ForwardAction): unknown {
  if (hostRewrite !== null) return hostRewrite;
  const each = clusters.map((one) => [describeCluster(one.cluster), one.hostRewrite] as const);
  const values = new Set(each.map(([, value]) => value));
  if (values.size === 1) return [...values][0];
  return Object.fromEntries(each);
}

function destinationHeaders(clusters: readonly WeightedCluster[]): unknown {
  const changed = clusters
    .filter(({ requestHeaders, responseHeaders }) => requestHeaders ?? responseHeaders)
    .map(({ cluster, requestHeaders, responseHeaders, weight }) => {
      const request = requestHeaders ?? undefined;
      const response = responseHeaders ?? undefined;
      // Where a cluster is listed twice, the weight tells which of them is meant.
      const isTwice = clusters.filter((other) => other.cluster === cluster).length > 1;
      return { cluster, request, response, ...(isTwice ? { weight } : {}) };
    })
    .sort((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1));
  return changed.length === 0 ? null : changed;
}

function redirectText({ status, scheme, host, port, path, prefixRewrite }: RedirectLike): string {
  const parts = { scheme, host, port, path, prefix: prefixRewrite };
  const given = Object.entries(parts).filter(([, value]) => value !== null);
  return [String(status), ...given.map(([name, value]) => `${name} ${value}`)].join(', ');
}

interface RedirectLike {
  readonly status: number;
  readonly scheme: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly path: string | null;
  readonly prefixRewrite: string | null;
}

function clusterNames({ clusters, mirrors }: ForwardAction): string[] {
  return [...new Set([...clusters, ...mirrors].map(({ cluster }) => cluster))].sort();
}

function policyFields(cluster: Cluster | undefined): ReadonlyMap<string, Field> {
  if (cluster === undefined) return new Map([['cluster', plain('does not exist')]]);
  const policies = Object.entries(cluster).filter(
    ([field]) => field !== 'name' && !provenance.has(field),
  );
  const fields = policies.map(([field, value]) => [field, plain(value)] as const);
  return new Map([['cluster', plain('exists')], ...fields]);
}

/** What a rewrite of paths depends on: its texts, and how much of the path is replaced. */
function rewritingOf({ route, path, action }: CompiledRoute): unknown {
  const whole = path.kind === 'exact' || path.kind === 'regex';
  const matched = whole ? 'all' : path.value.length;
  switch (action.kind) {
    case 'forward': {
      const { prefixRewrite, regexRewrite } = action.action;
      if (prefixRewrite === null) return regexRewrite;
      return [prefixRewrite, matched];
    }
    case 'redirect':
      return [redirectText(action.action), action.action.prefixRewrite === null ? 0 : matched];
    case 'direct-response':
      return null;
    default:
      return unreachable(route as never);
  }
}

function rewritten(route: CompiledRoute, request: RouteRequest): string {
  const { action } = route;
  if (action.kind === 'redirect') return redirectLocation(action, request, route);
  return rewritePath(route, request.path);
}
