/** A port that is accepted on, and what happens to the connections of it. */

import type { FilterChain } from './filter-chain.ts';
import type { Limits } from './limits.ts';
import type { Origin } from './origin.ts';

export type Direction = 'outbound' | 'inbound' | 'gateway';

export interface Listener {
  /** `outbound_127.0.0.1_15001`, `gateway_80`: unique, and stable over reloads. */
  readonly name: string;
  readonly direction: Direction;
  /** Where it is really bound. */
  readonly address: string;
  readonly port: number;
  /** The logical port: Gateway server port, service port; 0 where the authority names it. */
  readonly servicePort: number;
  /** Every connection begins with a PROXY protocol header, version 1 or 2. */
  readonly proxyProtocol: boolean;
  /** At least one. A connection that none of them matches is closed. */
  readonly filterChains: readonly FilterChain[];
  readonly limits: Limits;
  readonly origin: Origin;
}
