/**
 * Listening sockets as the system has them, to hand to another process. Node sends such handles
 * over its channels, and listens on them (its cluster module lives on that), but has no public name
 * for them: this is the one file that knows where they are.
 */

import { type Server, Socket } from 'node:net';
import type { AcceptedHandle } from './accept.ts';

export interface ListeningHandle {
  /** Its descriptor in this process. */
  readonly fd: number;
  /** This process lets go of it. The socket goes on where another has it, too. */
  close(): void;
}

interface HandleOwner {
  readonly _handle: (ListeningHandle & AcceptingHandle) | null;
}

interface AcceptingHandle {
  /** `status`: 0, or the number of what went wrong, below 0. */
  onconnection(status: number, accepted?: AcceptedHandle): void;
}

/** Who hears of connections. */
export interface AcceptListener {
  onAccepted(handle: AcceptedHandle): void;
  /** A connection could not be accepted, for example because descriptors are used up. */
  onAcceptError(): void;
}

/** null: `server` does not listen. It goes on owning the handle. */
export function handleOf(server: Server): ListeningHandle | null {
  return (server as unknown as HandleOwner)._handle;
}

/**
 * From now on `listener` is given what `server`, which listens, accepts. The server would make a
 * socket of each at once, and all that wait are accepted in one go.
 */
export function acceptHandles(server: Server, listener: AcceptListener): void {
  const handle = (server as unknown as HandleOwner)._handle;
  if (handle === null) return;
  handle.onconnection = (status, accepted) => {
    if (status === 0 && accepted !== undefined) listener.onAccepted(accepted);
    else listener.onAcceptError();
  };
}

/** Of a descriptor that this process was started with. Nothing is accepted, nor read. */
export function handleOfDescriptor(fd: number): ListeningHandle {
  const holder = new Socket({ fd, readable: false, writable: false });
  return (holder as unknown as HandleOwner)._handle as ListeningHandle;
}
