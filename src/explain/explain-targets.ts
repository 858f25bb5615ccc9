/** The clusters that a request may go to, and what their endpoints are sent. */

import { unicodeFromWire } from '../base/wire-text.ts';
import type { LiveCluster } from '../cluster/live-cluster.ts';
import { endpointKey } from '../cluster/live-endpoint.ts';
import type { Cluster } from '../model/cluster.ts';
import type { WeightedCluster } from '../model/route.ts';
import { describeClusterPolicy } from './describe-cluster-policy.ts';
import { describeEndpoint } from './describe-endpoint.ts';
import { describeOrigin } from './describe-origin.ts';
import { describeMutation } from './describe-route-policy.ts';
import type { ExplainedConfig } from './explained-config.ts';
import type { ExplainedTarget, PolicyValue } from './explained-target.ts';
import type { Explanation } from './explanation.ts';
import { PolicyWriter } from './policy-value.ts';
import {
  describeHeaders,
  explainHash,
  type UpstreamRequest,
  upstreamRequest,
} from './upstream-request.ts';
import type { Walk } from './walk-request.ts';

type ExplainedTargets = Pick<
  Explanation,
  'targets' | 'hash' | 'upstreamPath' | 'upstreamAuthority'
>;

const nowhere: ExplainedTargets = {
  targets: [],
  hash: null,
  upstreamPath: null,
  upstreamAuthority: null,
};

interface Target {
  readonly weighted: WeightedCluster;
  readonly percent: number;
  readonly upstream: UpstreamRequest;
}

export function explainTargets(config: ExplainedConfig, walk: Walk): ExplainedTargets {
  const action = walk.route?.action;
  if (action?.kind !== 'forward') return nowhere;
  const targets = action.clusters.map(
    (weighted): Target => ({
      weighted,
      percent: (100 * weighted.weight) / action.totalWeight,
      upstream: upstreamRequest(config, walk, weighted),
    }),
  );
  const upstream = targets.map((target) => target.upstream);
  return {
    targets: targets.map((target) => describeTarget(config, walk, target)),
    hash: explainHash(config, walk, upstream),
    upstreamPath: sameText(upstream.map(({ path }) => path)),
    upstreamAuthority: sameText(upstream.map(({ authority }) => authority)),
  };
}

/** null: it depends on which cluster is drawn. */
function sameText(texts: readonly string[]): string | null {
  const [only = null] = texts;
  return only !== null && texts.every((text) => text === only) ? unicodeFromWire(only) : null;
}

function describeTarget(config: ExplainedConfig, walk: Walk, target: Target): ExplainedTarget {
  const { weighted, percent, upstream } = target;
  const { cluster: name } = weighted;
  const cluster = config.findCluster(name);
  const [, , subset = ''] = name.split('|');
  return {
    cluster: name,
    percent,
    exists: cluster !== null,
    subset,
    origin: cluster === null ? null : describeOrigin(cluster.model.origin),
    policy: cluster === null ? [] : policyOf(cluster.model, weighted, walk),
    discovery: cluster?.model.discovery ?? null,
    names: cluster === null ? [] : namesOf(cluster.model),
    endpoints: cluster === null ? [] : cluster.endpoints.map(describeEndpoint),
    hashedEndpoint: cluster === null ? null : hashedEndpoint(cluster, upstream.hash, walk),
    upstreamHeaders: cluster === null ? [] : describeHeaders(upstream, walk),
  };
}

/** What the route changes for this cluster alone comes first. */
function policyOf(model: Cluster, weighted: WeightedCluster, { route }: Walk): PolicyValue[] {
  const writer = new PolicyWriter(route?.route.settingOrigins);
  const { requestHeaders, responseHeaders, hostRewrite } = weighted;
  const own: PolicyValue[] = [];
  const add = (name: string, value: string) => own.push(writer.value(name, value, ['route']));
  if (requestHeaders !== null) add('request headers', describeMutation(requestHeaders));
  if (responseHeaders !== null) add('response headers', describeMutation(responseHeaders));
  if (hostRewrite !== null) add('rewrite', `authority to "${hostRewrite}"`);
  return [...own, ...describeClusterPolicy(model)];
}

function namesOf({ discovery, endpoints }: Cluster): string[] {
  const isByName = discovery === 'strict-dns' || discovery === 'logical-dns';
  return isByName ? endpoints.map(({ address, port }) => endpointKey(address, port)) : [];
}

/** null: any endpoint will do, or none can be used. */
function hashedEndpoint(cluster: LiveCluster, hash: bigint | null, walk: Walk): string | null {
  const { policy } = cluster.model.loadBalancer;
  const isHashed = policy === 'RING_HASH' || policy === 'MAGLEV';
  // Its own counters must not tell of requests that nobody sent.
  if (!isHashed || hash === null || cluster.membershipHealthy === 0) return null;
  const endpoint = cluster.chooseEndpoint({
    hash,
    tried: null,
    maxAttempts: 1,
    previousPriorities: null,
    destination: null,
    limits: walk.entry.open.listener.limits,
  });
  return endpoint?.key ?? null;
}
