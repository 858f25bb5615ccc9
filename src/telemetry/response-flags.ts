/**
 * Envoy's response flags: why an exchange ended as it did. A set of them is one integer. Here are
 * those that are set; a reset of an HTTP/1.1 upstream connection is UC in Envoy too, not UR.
 */

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
  /** DC: downstream connection termination. */
  downstreamTermination: 1 << 6,
  /** UT: upstream request timeout. */
  upstreamTimeout: 1 << 7,
  /** UC: upstream connection termination. */
  upstreamTermination: 1 << 8,
  /** DI: delay injected. */
  delayInjected: 1 << 9,
  /** FI: fault injected (abort). */
  faultInjected: 1 << 10,
  /** SI: stream idle timeout. */
  streamIdleTimeout: 1 << 11,
  /** DPE: the downstream request had a protocol error. */
  downstreamProtocolError: 1 << 12,
  /** UPE: the upstream response had a protocol error. */
  upstreamProtocolError: 1 << 13,
  /** UR: the endpoint reset the stream (HTTP/2), or a TCP connection. */
  upstreamRemoteReset: 1 << 14,
  /** DT: the connection has lasted as long as it may. */
  durationTimeout: 1 << 15,
  /** URX, of a TCP connection: as often as may be, once, an endpoint was tried. Printed last. */
  connectAttemptsExceeded: 1 << 16,
  /** DR: the client reset its stream (HTTP/2). */
  downstreamRemoteReset: 1 << 17,
  /** OM: the overload manager turned the request away. */
  overloadManager: 1 << 18,
  /** RL: the client has asked for more than a limit allows it. */
  rateLimited: 1 << 19,
} as const;

/**
 * Short and long names in the order of printing. Envoy prints flags in the order in which they were
 * set: what the filters did, then that retries ran out, then the reason of the last try.
 */
export const responseFlagNames: readonly (readonly [bit: number, short: string, long: string])[] = [
  [responseFlag.delayInjected, 'DI', 'DelayInjected'],
  [responseFlag.faultInjected, 'FI', 'FaultInjected'],
  [responseFlag.rateLimited, 'RL', 'RateLimited'],
  [responseFlag.upstreamRetryLimit, 'URX', 'UpstreamRetryLimitExceeded'],
  [responseFlag.noHealthyUpstream, 'UH', 'NoHealthyUpstream'],
  [responseFlag.upstreamConnectionFailure, 'UF', 'UpstreamConnectionFailure'],
  [responseFlag.upstreamOverflow, 'UO', 'UpstreamOverflow'],
  [responseFlag.noRoute, 'NR', 'NoRouteFound'],
  [responseFlag.noCluster, 'NC', 'NoClusterFound'],
  [responseFlag.upstreamTimeout, 'UT', 'UpstreamRequestTimeout'],
  [responseFlag.upstreamRemoteReset, 'UR', 'UpstreamRemoteReset'],
  [responseFlag.upstreamTermination, 'UC', 'UpstreamConnectionTermination'],
  [responseFlag.downstreamTermination, 'DC', 'DownstreamConnectionTermination'],
  [responseFlag.downstreamRemoteReset, 'DR', 'DownstreamRemoteReset'],
  [responseFlag.streamIdleTimeout, 'SI', 'StreamIdleTimeout'],
  [responseFlag.durationTimeout, 'DT', 'DurationTimeout'],
  [responseFlag.connectAttemptsExceeded, 'URX', 'UpstreamRetryLimitExceeded'],
  [responseFlag.downstreamProtocolError, 'DPE', 'DownstreamProtocolError'],
  [responseFlag.upstreamProtocolError, 'UPE', 'UpstreamProtocolError'],
  [responseFlag.overloadManager, 'OM', 'OverloadManagerTerminated'],
];

/** `-` for none, otherwise the short names joined with `,`. */
export function formatResponseFlags(flags: number): string {
  if (flags === 0) return '-';
  let text = '';
  for (const [bit, short] of responseFlagNames) {
    if ((flags & bit) !== 0) text = text === '' ? short : `${text},${short}`;
  }
  return text;
}

/** The same with Envoy's long names, for example `NoRouteFound`. */
export function formatResponseFlagsLong(flags: number): string {
  if (flags === 0) return '-';
  const set = responseFlagNames.filter(([bit]) => (flags & bit) !== 0);
  return set.map(([, , long]) => long).join(',');
}
