/** The part of a comparison that is about connections whose bytes are passed on. */

import type { DifferentTreatment } from './different-treatment.ts';

/** Connections that are passed on and that the configurations treat differently, in one way. */
export interface ConnectionRegion extends DifferentTreatment<ExampleConnection, ConnectionWay> {
  /** Side and port: `gateway 443`. */
  readonly listener: string;
  /** Server names, or how else they begin: `no TLS`. Empty: any. */
  readonly connections: readonly string[];
  /** Ranges of addresses that they are made to; empty: any. */
  readonly destinations: readonly string[];
}

export interface ExampleConnection {
  /** `host:port`. */
  readonly to: string;
  /** null: it is no TLS, or has none. */
  readonly serverName: string | null;
}

/** Which way a connection goes by one of the configurations. */
export interface ConnectionWay {
  /** null: none takes it. */
  readonly filterChain: string | null;
  /** Of the rule: `store.yaml:12`; empty for what the proxy made by itself. */
  readonly place: string;
  /** What happens to the connection in words. */
  readonly outcome: string;
}
