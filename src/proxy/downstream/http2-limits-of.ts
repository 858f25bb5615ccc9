/** The limits of HTTP/2 sessions, as far as the configuration says them for all protocols. */

import { defaultHttp2Limits, type Http2Limits } from '../../http2/http2-limits.ts';
import type { Limits } from '../../model/limits.ts';

/** Of sessions that clients open. */
export function http2LimitsOf(limits: Limits): Http2Limits {
  return {
    ...defaultHttp2Limits,
    headerBlockBytes: limits.requestHeadBytes,
    headerCount: limits.requestHeaderCount,
    headsPerTurn: limits.requestsPerTurn,
    framesPerTurn: limits.framesPerTurn,
  };
}
