/** The share of the routes that tests have reached, in words. */

import type { Coverage } from '../../../routing-tests/coverage.ts';

/** ` (87.5 %)`; empty where there is no route. */
export function percentOf({ routes, reached }: Coverage): string {
  if (routes.length === 0) return '';
  return ` (${Number(((100 * reached) / routes.length).toFixed(1))} %)`;
}
