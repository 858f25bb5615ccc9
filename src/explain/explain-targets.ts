/** The clusters that a request may go to, and what their endpoints are sent. */

import { unicodeFromWire } from '../base/wire-text.ts';
import type { WeightedCluster } from '../model/route.ts';
import { describeCluster, hashedEndpoint } from './describe-cluster.ts';
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
  const isSent = walk.outcome === 'forwarded' || walk.outcome === 'cluster-not-found';
  if (action?.kind !== 'forward' || !isSent) return nowhere;
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
  const cluster = config.findCluster(weighted.cluster);
  const described = describeCluster(weighted.cluster, cluster);
  if (cluster === null) return { ...described, percent, hashedEndpoint: null, upstreamHeaders: [] };
  const { limits } = walk.entry.open.listener;
  return {
    ...described,
    percent,
    policy: [...changesFor(weighted, walk), ...described.policy],
    hashedEndpoint: hashedEndpoint(cluster, upstream.hash, limits),
    upstreamHeaders: describeHeaders(upstream, walk),
  };
}

/** What the route changes for this cluster alone. */
function changesFor(weighted: WeightedCluster, { route }: Walk): PolicyValue[] {
  const writer = new PolicyWriter(route?.route.settingOrigins);
  const { requestHeaders, responseHeaders, hostRewrite } = weighted;
  const own: PolicyValue[] = [];
  const add = (name: string, value: string) => own.push(writer.value(name, value, ['route']));
  if (requestHeaders !== null) add('request headers', describeMutation(requestHeaders));
  if (responseHeaders !== null) add('response headers', describeMutation(responseHeaders));
  if (hostRewrite !== null) add('rewrite', `authority to "${hostRewrite}"`);
  return own;
}
