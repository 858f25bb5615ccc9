/** What the clients of the two protocols have in common. */

import type { Ledger } from './ledger.ts';
import type { SoakRequest } from './requests.ts';

export interface LoadClient {
  /** Sends it at once; the ledger is told how it ends, and `onEnd` that it has. */
  send(request: SoakRequest): void;
  /** Ends connections on which nothing is under way, and others when they are done. */
  close(): void;
  /** Connections that are open. */
  readonly open: number;
}

export interface LoadClientOptions {
  readonly port: number;
  readonly ledger: Ledger;
  readonly onEnd: () => void;
}
