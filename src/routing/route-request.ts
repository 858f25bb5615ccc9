/** What route matching reads of a request. The proxy's stream implements it without allocation. */

import type { HeaderList } from '../http1/header-list.ts';

export interface RouteRequest {
  readonly method: string;
  /** Lower case. */
  readonly scheme: string;
  /** As received: its case is kept and it may have a port. */
  readonly authority: string;
  /** Normalised, with its query. */
  readonly path: string;
  /** `path` without the query. */
  readonly pathname: string;
  /** What follows the `?`; null if there is none. */
  readonly query: string | null;
  readonly headers: HeaderList;
}
