/** Timeouts and retries of rules in the words of VirtualService. */

import { parseDuration } from '../../../base/duration.ts';
import type { HttpRouteRetry, HttpRouteTimeouts } from '../../schema/gateway-api/http-route.ts';
import type { HttpRetry } from '../../schema/http-retry.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';

/** As Istio does where nothing is said of retries at all. */
const defaultAttempts = 2;

/**
 * Connections that fail in any way, also by the time of one try. Istio leaves `reset` out, which
 * the Gateway API asks for.
 */
const connectionErrors = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', 'reset'];

export interface TimedRule {
  readonly timeouts?: HttpRouteTimeouts;
  readonly retry?: HttpRouteRetry;
}

/** The time for one try limits the whole request where nothing is tried again, as in Istio. */
export function timingOf({ timeouts, retry }: TimedRule): Pick<HttpRoute, 'timeout' | 'retries'> {
  const request = limitOf(timeouts?.request);
  const backendRequest = limitOf(timeouts?.backendRequest);
  if (retry === undefined || retry.attempts === 0) {
    const timeout = backendRequest ?? request;
    return {
      ...(timeout === null ? {} : { timeout }),
      ...(retry === undefined ? {} : { retries: { attempts: 0 } }),
    };
  }
  return {
    ...(request === null ? {} : { timeout: request }),
    retries: retriesOf(retry, backendRequest),
  };
}

/** `0s` is no limit. */
function limitOf(text: string | undefined): string | null {
  return text === undefined || parseDuration(text) === 0 ? null : text;
}

function retriesOf(
  { attempts = defaultAttempts, codes = [], backoff }: HttpRouteRetry,
  perTryTimeout: string | null,
): HttpRetry {
  return {
    attempts,
    retryOn: [...connectionErrors, ...codes].join(','),
    ...(perTryTimeout === null ? {} : { perTryTimeout }),
    ...(backoff === undefined ? {} : { backoff }),
  };
}
