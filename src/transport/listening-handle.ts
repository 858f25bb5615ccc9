/**
 * Listening sockets as the system has them, to hand to another process. Node sends such handles
 * over its channels, and listens on them (its cluster module lives on that), but has no public name
 * for them: this is the one file that knows where they are.
 */

import { type Server, Socket } from 'node:net';

export interface ListeningHandle {
  /** Its descriptor in this process. */
  readonly fd: number;
  /** This process lets go of it. The socket goes on where another has it, too. */
  close(): void;
}

interface HandleOwner {
  readonly _handle: ListeningHandle | null;
}

/** null: `server` does not listen. It goes on owning the handle. */
export function handleOf(server: Server): ListeningHandle | null {
  return (server as unknown as HandleOwner)._handle;
}

/** Of a descriptor that this process was started with. Nothing is accepted, nor read. */
export function handleOfDescriptor(fd: number): ListeningHandle {
  const holder = new Socket({ fd, readable: false, writable: false });
  return (holder as unknown as HandleOwner)._handle as ListeningHandle;
}
