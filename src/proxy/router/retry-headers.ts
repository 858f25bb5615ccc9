/** What differs in a request's header block from try to try. */

import type { HeaderList } from '../../http1/header-list.ts';
import { expectedTimeoutMs, setExpectedTimeout } from '../timeouts/request-timeout.ts';

export interface NextTry {
  /** Counted from 1. */
  readonly attempt: number;
  /** The endpoint is told the number. */
  readonly attemptCountHeader: boolean;
  /** What the request has left of its time; 0 is no limit. */
  readonly leftMs: number;
  /** 0 is no limit. */
  readonly perTryTimeoutMs: number;
}

export function renewHeaders(headers: HeaderList, next: NextTry): void {
  if (next.attemptCountHeader) headers.set('x-envoy-attempt-count', String(next.attempt));
  setExpectedTimeout(headers, expectedTimeoutMs(next.leftMs, next.perTryTimeoutMs));
}
