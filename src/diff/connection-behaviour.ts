/** What a filter chain does with a connection, field by field. */

import type { FilterChain, TcpFilterChain } from '../model/filter-chain.ts';
import { type Behaviour, type Behaviours, simpleBehaviour } from './behaviour.ts';
import { canonicalText } from './canonical.ts';
import { destinationField } from './destination-field.ts';
import { durationText, type Field, plain } from './field.ts';

const closed = simpleBehaviour('closed: no filter chain');
const http = simpleBehaviour('read as HTTP');

/** null: none takes it. What becomes of requests is told with them. */
export function connectionBehaviour(chain: FilterChain | null, behaviours: Behaviours): Behaviour {
  if (chain === null) return closed;
  return chain.kind === 'http' ? http : tcpBehaviour(chain, behaviours);
}

function tcpBehaviour({ tcp, tls }: TcpFilterChain, behaviours: Behaviours): Behaviour {
  const fields = new Map<string, Field>([
    ['action', plain('pass on')],
    ['destination', destinationField(tcp.clusters)],
    ['idle timeout', duration(tcp.idleTimeoutMs)],
    ['longest connection', duration(tcp.maxConnectionDurationMs)],
    ['hash', plain(tcp.hashSourceIp ? 'address of the client' : null)],
    ['TLS', plain(tls)],
  ]);
  const clusters = [...new Set(tcp.clusters.map(({ cluster }) => cluster))];
  const policies = new Map(clusters.map((name) => [name, behaviours.policyOf(name)]));
  const key = canonicalText([
    [...fields].map(([name, field]) => [name, field.key]),
    [...policies].map(([name, policy]) => [name, [...policy].map(([, field]) => field.key)]),
  ]);
  return { key, fields, clusters, policies };
}

function duration(ms: number): Field {
  return { key: String(ms), text: durationText(ms) };
}
