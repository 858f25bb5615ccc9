/**
 * What two proxies say to each other when one takes the place of the other. The admin API of the
 * old one names a Unix socket in a folder that its user alone can enter; the first connection to it
 * is for the messages below (one JSON value a line), the second for listening sockets.
 */

import type { ListeningHandle } from '../../transport/listening-handle.ts';

/** Both must have the same: another number means other messages. */
export const takeoverProtocol = 1;

/** The answer of `POST /takeover`. */
export interface TakeoverInvitation {
  readonly protocol: number;
  readonly pid: number;
  /** Of the program, for example `0.1.0`. */
  readonly version: string;
  /** Where the socket is. */
  readonly folder: string;
}

/** Its name in the folder. */
export const socketName = 'takeover.sock';

/** A listening socket that is handed over. */
export interface OfferedSocket {
  /** Whose connections it accepts. */
  readonly of: 'admin' | 'listener';
  /** As configured. */
  readonly address: string;
  /** Really bound. */
  readonly port: number;
  /** Bound with SO_REUSEPORT: others may be bound beside it. */
  readonly reusePort: boolean;
}

/** The same in the process that has it. */
export interface HeldSocket extends OfferedSocket {
  readonly handle: ListeningHandle;
}

/** What the old one says. */
export type FromOld =
  /** First. The sockets themselves come in this order. */
  | { readonly kind: 'offer'; readonly sockets: readonly OfferedSocket[] }
  /** It accepts nothing any more, and drains. */
  | { readonly kind: 'gone' };

/** What the new one says: it serves, and the old one may go. */
export interface FromNew {
  readonly kind: 'serving';
  readonly pid: number;
  readonly version: string;
}
