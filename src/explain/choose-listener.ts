/** Which listener and filter chain a request would come in by, and why not another one. */

import { err, ok, type Result } from '../base/result.ts';
import type { HttpFilterChain } from '../model/filter-chain.ts';
import type { AskedRequest } from './asked-request.ts';
import { describeOrigin } from './describe-origin.ts';
import type { BegunConnection, ExplainedConfig, OpenListener } from './explained-config.ts';
import type { ConsideredListener } from './explained-entry.ts';
import {
  fittest,
  type ListenerCandidate,
  listenerCandidate,
  namedPort,
} from './listener-candidate.ts';
import { listenersOfSide } from './listeners-of-side.ts';

export interface Entry {
  readonly open: OpenListener;
  readonly chain: HttpFilterChain;
  readonly begun: BegunConnection;
  readonly considered: readonly ConsideredListener[];
}

/** By name where one is given; otherwise the one whose port and virtual hosts fit best. */
export function chooseListener(
  config: ExplainedConfig,
  asked: AskedRequest,
): Result<Entry, string> {
  const open = listenersOfSide(config, asked);
  if (!open.ok) return open;
  const { scheme, authority } = asked;
  const port = namedPort(authority) ?? (scheme === 'https' ? 443 : 80);
  const candidates = open.value.map((one) => listenerCandidate(config, one, { ...asked, port }));
  const best = fittest(candidates.filter(({ chain }) => chain !== null));
  if (best === null) return err(whyNone(candidates, asked));
  const considered = candidates.map((candidate) => describe(candidate, best, asked));
  const { begun } = best;
  return ok({ open: best.open, chain: best.chain as HttpFilterChain, begun, considered });
}

function whyNone(
  candidates: readonly ListenerCandidate[],
  { scheme, authority }: AskedRequest,
): string {
  const tcp = candidates.find(({ passedOn }) => passedOn !== null);
  if (tcp?.passedOn == null) {
    const names = candidates.map(({ open }) => open.listener.name).join(', ');
    return `no listener takes ${scheme} requests for ${authority}; there are: ${names || 'none'}`;
  }
  const clusters = tcp.passedOn.tcp.clusters.map(({ cluster }) => cluster).join(', ');
  const passes = `${tcp.open.listener.name} passes connections for ${authority} on to ${clusters}`;
  return `${passes}, and reads no request: ask for the connection`;
}

function describe(
  candidate: ListenerCandidate,
  best: ListenerCandidate,
  { scheme, authority }: AskedRequest,
): ConsideredListener {
  const { listener } = candidate.open;
  return {
    name: listener.name,
    chosen: candidate === best,
    reason: candidate.chain === null ? `takes no ${scheme} for ${authority}` : reason(candidate),
    origin: describeOrigin(listener.origin),
  };
}

function reason({ fitness: { knowsHost, isItsPort, takesAnyHost } }: ListenerCandidate): string {
  const host = knowsHost ? 'knows the host' : takesAnyHost ? 'takes any host' : 'has no such host';
  return isItsPort ? `${host}, and the port is its own` : host;
}
