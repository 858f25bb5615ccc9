/** Envoy's response flags: why an exchange ended as it did. A set of them is one integer. */

export const responseFlag = {
  none: 0,
  /** UH: no healthy upstream endpoint. */
  noHealthyUpstream: 1 << 0,
  /** UF: upstream connection failure. */
  upstreamConnectionFailure: 1 << 1,
  /** UO: upstream overflow, a circuit breaker was open. */
  upstreamOverflow: 1 << 2,
  /** NR: no route for the request. */
  noRoute: 1 << 3,
  /** URX: retry or connect attempts exhausted. */
  upstreamRetryLimit: 1 << 4,
  /** NC: the route names a cluster that does not exist. */
  noCluster: 1 << 5,
  /** DT: request or connection exceeded its maximum duration. */
  durationTimeout: 1 << 6,
  /** DC: downstream connection termination. */
  downstreamTermination: 1 << 7,
  /** UT: upstream request timeout. */
  upstreamTimeout: 1 << 8,
  /** LR: local reset. */
  localReset: 1 << 9,
  /** UR: upstream remote reset. */
  upstreamRemoteReset: 1 << 10,
  /** UC: upstream connection termination. */
  upstreamTermination: 1 << 11,
  /** DI: delay injected. */
  delayInjected: 1 << 12,
  /** FI: fault injected (abort). */
  faultInjected: 1 << 13,
  /** SI: stream idle timeout. */
  streamIdleTimeout: 1 << 14,
  /** DPE: the downstream request had a protocol error. */
  downstreamProtocolError: 1 << 15,
  /** UPE: the upstream response had a protocol error. */
  upstreamProtocolError: 1 << 16,
  /** UMSDR: upstream reached its maximum stream duration. */
  upstreamMaxStreamDuration: 1 << 17,
  /** OM: the overload manager ended the request. */
  overloadManager: 1 << 18,
  /** IH: a header had an invalid value. */
  invalidHeader: 1 << 19,
  /** UAEX: denied by an external authorization service. */
  unauthorized: 1 << 20,
  /** RL: rate limited. */
  rateLimited: 1 << 21,
} as const;

/** Short names in Envoy's order of printing. */
const names: readonly (readonly [number, string])[] = [
  [responseFlag.noHealthyUpstream, 'UH'],
  [responseFlag.upstreamConnectionFailure, 'UF'],
  [responseFlag.upstreamOverflow, 'UO'],
  [responseFlag.noRoute, 'NR'],
  [responseFlag.upstreamRetryLimit, 'URX'],
  [responseFlag.noCluster, 'NC'],
  [responseFlag.durationTimeout, 'DT'],
  [responseFlag.downstreamTermination, 'DC'],
  [responseFlag.upstreamTimeout, 'UT'],
  [responseFlag.localReset, 'LR'],
  [responseFlag.upstreamRemoteReset, 'UR'],
  [responseFlag.upstreamTermination, 'UC'],
  [responseFlag.delayInjected, 'DI'],
  [responseFlag.faultInjected, 'FI'],
  [responseFlag.rateLimited, 'RL'],
  [responseFlag.unauthorized, 'UAEX'],
  [responseFlag.invalidHeader, 'IH'],
  [responseFlag.streamIdleTimeout, 'SI'],
  [responseFlag.downstreamProtocolError, 'DPE'],
  [responseFlag.upstreamProtocolError, 'UPE'],
  [responseFlag.upstreamMaxStreamDuration, 'UMSDR'],
  [responseFlag.overloadManager, 'OM'],
];

/** `-` for none, otherwise the short names joined with `,`. */
export function formatResponseFlags(flags: number): string {
  if (flags === 0) return '-';
  let text = '';
  for (const [bit, name] of names) {
    if ((flags & bit) !== 0) text = text === '' ? name : `${text},${name}`;
  }
  return text;
}
