/**
 * What is told of one connection whose bytes are passed on: its listener and filter chain, why not
 * another one, and where it goes. Plain JSON, with a schema in the admin API.
 */

import type { ConsideredFilterChain, ConsideredListener, ExplainedTls } from './explained-entry.ts';
import type { ExplainedCluster, PolicyValue } from './explained-target.ts';

export interface ConnectionExplanation {
  readonly listener: string;
  /** Every listener that was thought of, with why it was, or was not, the one. */
  readonly listeners: readonly ConsideredListener[];
  readonly connection: ExplainedConnection;
  /** null: none takes it. */
  readonly filterChain: string | null;
  /** Those of the listener, in declared order. */
  readonly filterChains: readonly ConsideredFilterChain[];
  /** What TLS decides of the client; null where it does not end here. */
  readonly tls: ExplainedTls | null;
  readonly outcome: ConnectionOutcome;
  /** What holds while it is open. */
  readonly policy: readonly PolicyValue[];
  /** One of them gets the connection, drawn by weight. */
  readonly targets: readonly ExplainedCluster[];
  /** Where clusters without endpoints of their own pass it on to; null: that is not known. */
  readonly originalDestination: string | null;
}

/**
 * `closed`: no filter chain takes it, flag NR; `http`: it goes by its requests; `handshake-failed`:
 * TLS does not let the client in; `no-certificate`: the proxy has none for TLS, and closes it.
 */
export type ConnectionOutcome =
  | 'forwarded'
  | 'http'
  | 'closed'
  | 'handshake-failed'
  | 'no-certificate';

interface ExplainedConnection {
  readonly host: string;
  readonly port: number;
  /** The address that the listener sees as its destination. */
  readonly destination: string;
  /** null: it is no TLS. */
  readonly serverName: string | null;
  readonly client: string;
}
