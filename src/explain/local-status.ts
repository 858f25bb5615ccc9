/** The status that the proxy answers a request with by itself, where that is certain. */

import type { Route } from '../model/route.ts';
import type { Walk } from './walk-request.ts';

const everyRequest = 1_000_000;

/** null: that of an endpoint, or there is none. */
export function localStatus({ outcome, route, refusal }: Walk): number | null {
  if (refusal !== null) return refusal.status;
  switch (outcome) {
    case 'no-certificate':
    case 'handshake-failed':
      return null;
    case 'refused':
      return 400;
    case 'not-found':
      return 404;
    case 'redirected-to-https':
      return 301;
    default:
      return route === null ? null : statusOf(route.route, outcome === 'cluster-not-found');
  }
}

function statusOf({ action, fault }: Route, isNowhere: boolean): number | null {
  const abort = fault?.inAttempt === true ? null : (fault?.abort ?? null);
  if (abort?.percentage === everyRequest) {
    // gRPC says its status in a header of its own.
    return abort.httpStatus ?? 200;
  }
  if (action.kind !== 'forward') return action.status;
  return isNowhere ? action.clusterNotFoundStatus : null;
}
