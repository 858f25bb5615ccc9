/**
 * Accepted sockets that read into one shared buffer. Node offers `onread` for sockets that it
 * connects, not for those it accepts; a socket made anew around the accepted handle has it, and
 * saves a 64 KiB allocation for each read (a quarter of the CPU time of a small exchange).
 */

import { Socket } from 'node:net';
import { writableHighWaterMark } from './socket-writer.ts';

export interface ReadOptions {
  /** Shared by all sockets; what it holds is valid during `onRead` only. */
  readonly buffer: Buffer;
  readonly onRead: (length: number, buffer: Buffer) => void;
}

interface WithHandle {
  _handle: object | null;
}

/** `accepted` must come from a server with `pauseOnConnect`. Reading starts at once. */
export function adoptSocket(accepted: Socket, options: ReadOptions): Socket {
  const handle = takeHandle(accepted);
  if (handle === null) return readByEvents(accepted, options);
  const adopted = new Socket({
    handle,
    writableHighWaterMark,
    onread: onreadOf(options),
  } as ConstructorParameters<typeof Socket>[0]);
  adopted.setNoDelay(true);
  adopted.read(0);
  return adopted;
}

/** The same in Node's words, for a socket that is about to be made. */
export function onreadOf({ buffer, onRead }: ReadOptions) {
  const callback = (length: number, bytes: Uint8Array): true => {
    onRead(length, bytes as Buffer);
    return true;
  };
  return { buffer, callback };
}

/**
 * What the system knows the socket by, for another socket; null where there is none. Without it the
 * socket is over: it only tells its server that it is gone.
 */
export function takeHandle(socket: Socket): object | null {
  const holder = socket as unknown as WithHandle;
  const handle = holder._handle ?? null;
  if (handle === null) return null;
  holder._handle = null;
  socket.destroy();
  return handle;
}

/** Without a handle to move (another kind of stream) the plain events serve. */
function readByEvents(socket: Socket, options: ReadOptions): Socket {
  socket.on('data', (chunk: Buffer) => options.onRead(chunk.length, chunk));
  socket.resume();
  return socket;
}
