/** What differs in a request's header block from attempt to attempt. */

import type { HeaderList } from '../../http1/header-list.ts';
import { expectedTimeoutMs, setExpectedTimeout } from '../timeouts/request-timeout.ts';

export interface NextAttempt {
  /** Counted from 1. */
  readonly attempt: number;
  /** The endpoint is told the number. */
  readonly attemptCountHeader: boolean;
  /** What the request has left of its time; 0 is no limit. */
  readonly leftMs: number;
  /** 0 is no limit. */
  readonly perTryTimeoutMs: number;
}

export function setAttemptHeaders(headers: HeaderList, next: NextAttempt): void {
  if (next.attemptCountHeader) headers.set('x-envoy-attempt-count', String(next.attempt));
  setExpectedTimeout(headers, expectedTimeoutMs(next.leftMs, next.perTryTimeoutMs));
}
