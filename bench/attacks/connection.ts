/** A connection of the client that behaves. */

import type { Socket } from 'node:net';

/** Called once for each request. */
export type OnOutcome = (outcome: string) => void;

export interface Connection {
  /** Whether a request may be sent. */
  readonly isFree: boolean;
  request(onOutcome: OnOutcome): void;
  close(): void;
}

/** Why it ended, for requests that are not answered. */
export function listenForEnd(socket: Socket, onEnd: (reason: string) => void): void {
  let reason = 'closed';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reason = error.code ?? error.message;
  });
  socket.once('close', () => onEnd(reason));
}
