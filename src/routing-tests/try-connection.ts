/** Walks one connection of a test, and tells how what it finds differs from what is expected. */

import { ok, type Result } from '../base/result.ts';
import type { ConnectionExplanation } from '../explain/connection-explanation.ts';
import { explainConnectionWalk } from '../explain/explain-connection.ts';
import type { ConnectionWalk } from '../explain/walk-connection.ts';
import { compare } from './compare.ts';
import { destinationOf } from './destination.ts';
import type { Difference } from './difference.ts';
import { findConnectionEntry } from './find-connection-entry.ts';
import type { RoutingConfig } from './routing-config.ts';
import type { Expectation } from './schema.ts';
import type { SingleConnection } from './test-connection.ts';
import { ownerText, type TryResult } from './try-result.ts';
import { compareEndpoint, compareUpstream } from './upstream.ts';

/** The error is a sentence about the connection. */
export function tryConnection(
  connection: SingleConnection,
  config: RoutingConfig,
): Result<TryResult, string> {
  const entry = findConnectionEntry(config, connection);
  if (!entry.ok) return entry;
  const { proxy, walk } = entry.value;
  const chain = passingChain(walk);
  const explain = (): ConnectionExplanation => explainConnectionWalk(proxy.compiled, walk);
  return ok({
    origin: chain?.origin ?? null,
    route: chain === null ? null : `filter chain "${chain.name}" ${ownerText(chain.origin)}`,
    isConfigured: chain !== null && chain.origin.kind !== '',
    differencesFrom: (expected) => differences(expected, walk, explain),
    explain,
  });
}

/** null: its bytes are not passed on. */
function passingChain({ chain, outcome }: ConnectionWalk) {
  return chain?.kind === 'tcp' && outcome === 'forwarded' ? chain : null;
}

function differences(
  expected: Expectation,
  walk: ConnectionWalk,
  explain: () => ConnectionExplanation,
): readonly Difference[] {
  const explanation = expected.endpoint === undefined ? null : explain();
  return [
    ...compare(expected, actualOf(walk)),
    // Nothing of a connection is changed.
    ...compareUpstream(expected, null),
    ...compareEndpoint(expected, explanation && { ...explanation, hash: null }),
  ];
}

function actualOf(walk: ConnectionWalk): Expectation {
  const chain = passingChain(walk);
  if (chain === null) return {};
  const { tcp, origin } = chain;
  const total = tcp.clusters.reduce((sum, { weight }) => sum + weight, 0);
  const route = tcp.clusters.map(({ cluster, weight }) => ({
    destination: destinationOf(cluster),
    // Evenly where all are 0.
    weight: total === 0 ? 100 / tcp.clusters.length : (100 * weight) / total,
  }));
  if (origin.kind !== 'VirtualService') return { route };
  return { route, virtualService: `${origin.namespace}/${origin.name}` };
}
