/** The status that the proxy answers a request with by itself, where that is certain. */

import type { Walk } from '../explain/walk-request.ts';
import type { Route } from '../model/route.ts';

const everyRequest = 1_000_000;

export function localStatus({ outcome, route, refusal }: Walk): { readonly status?: number } {
  if (refusal !== null) return { status: refusal.status };
  switch (outcome) {
    case 'refused':
      return { status: 400 };
    case 'not-found':
      return { status: 404 };
    case 'redirected-to-https':
      return { status: 301 };
    default:
      return route === null ? {} : statusOf(route.route);
  }
}

function statusOf({ action, fault }: Route): { readonly status?: number } {
  const abort = fault?.inAttempt === true ? null : (fault?.abort ?? null);
  if (abort?.percentage === everyRequest) {
    // gRPC says its status in a header of its own.
    return { status: abort.httpStatus ?? 200 };
  }
  return action.kind === 'forward' ? {} : { status: action.status };
}
