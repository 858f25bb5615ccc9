/**
 * Trailers of requests. Some servers merge them into the header block, so nothing may come by this
 * way that could not come by the other (RFC 9110 section 6.5.1).
 */

import { HeaderList } from '../../http1/header-list.ts';
import type { RouteRuntime } from '../stream/route-runtime.ts';
import { isHopOrForwarded } from './request-fields.ts';

/** Fields that say who asks. */
const credentials: ReadonlySet<string> = new Set(['authorization', 'cookie', 'x-request-id']);

/** What of `trailers` goes on; null if nothing does. */
export function keepTrailers(
  trailers: HeaderList,
  runtime: RouteRuntime | null,
): HeaderList | null {
  const kept = new HeaderList();
  const { flat } = trailers;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const isRoutes = runtime?.requestHeaders?.changes(name) === true;
    if (isRoutes || credentials.has(name) || isHopOrForwarded(name)) continue;
    kept.append(name, flat[i + 1] as string);
  }
  return kept.size === 0 ? null : kept;
}
