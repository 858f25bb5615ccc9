/** The number that Envoy's expressions know a set of response flags by (CoreResponseFlag). */

import { responseFlag } from '../response-flags.ts';

const envoyBits: readonly (readonly [flag: number, bit: number])[] = [
  [responseFlag.noHealthyUpstream, 1],
  [responseFlag.upstreamTimeout, 2],
  [responseFlag.upstreamRemoteReset, 4],
  [responseFlag.upstreamConnectionFailure, 5],
  [responseFlag.upstreamTermination, 6],
  [responseFlag.upstreamOverflow, 7],
  [responseFlag.noRoute, 8],
  [responseFlag.delayInjected, 9],
  [responseFlag.faultInjected, 10],
  [responseFlag.rateLimited, 11],
  [responseFlag.downstreamTermination, 14],
  [responseFlag.upstreamRetryLimit, 15],
  [responseFlag.connectAttemptsExceeded, 15],
  [responseFlag.streamIdleTimeout, 16],
  [responseFlag.downstreamProtocolError, 18],
  [responseFlag.durationTimeout, 22],
  [responseFlag.upstreamProtocolError, 23],
  [responseFlag.noCluster, 24],
  [responseFlag.downstreamRemoteReset, 28],
];

export function envoyResponseFlags(flags: number): number {
  let number = 0;
  for (const [flag, bit] of envoyBits) if ((flags & flag) !== 0) number |= 1 << bit;
  return number;
}
