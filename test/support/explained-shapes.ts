/** Explanations of a request and of a connection that have something in every part of theirs. */

import { readAskedConnection } from '../../src/explain/asked-connection.ts';
import { readAskedRequest } from '../../src/explain/asked-request.ts';
import { compileConfig } from '../../src/explain/compile-config.ts';
import type { ConnectionExplanation } from '../../src/explain/connection-explanation.ts';
import { explainConnection } from '../../src/explain/explain-connection.ts';
import { explainRequest } from '../../src/explain/explain-request.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import type { FilterChain } from '../../src/model/filter-chain.ts';
import { hash64 } from '../cluster/cluster-fixture.ts';
import { clusterOf, httpChain, listenerModel, meshOf } from './mesh-models.ts';
import { tcpChain } from './tcp-models.ts';
import { authoritySecret, mutualTls, pairSecret, pem } from './tls-fixtures.ts';

function configWith(chain: FilterChain) {
  const listeners = [listenerModel({ filterChains: [chain] })];
  const mesh = meshOf({ clusters: [clusterOf('origin', [81])], listeners });
  return compileConfig(mesh, hash64, [authoritySecret(), pairSecret('server-a')]);
}

/** Passed on behind mutual TLS by a client with a certificate. */
export function explainedConnection(): ConnectionExplanation {
  const certificate = pem('client-good');
  const asked = readAskedConnection({ to: 'x:80', serverName: 'a.test', certificate });
  if (!asked.ok) throw new Error(asked.error);
  const explained = explainConnection(configWith(tcpChain({ tls: mutualTls() })), asked.value);
  if (!explained.ok) throw new Error(explained.error);
  return explained.value;
}

/** The same of a request over plain HTTP. */
export function explainedRequest(): Explanation {
  const asked = readAskedRequest({ url: 'http://a.test/' });
  if (!asked.ok) throw new Error(asked.error);
  const explained = explainRequest(configWith(httpChain()), asked.value);
  if (!explained.ok) throw new Error(explained.error);
  return explained.value;
}
