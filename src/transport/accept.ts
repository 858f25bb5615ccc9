/**
 * Accepted sockets that read into one shared buffer. Node offers `onread` for sockets that it
 * connects, not for those it accepts; a socket made around the accepted handle has it, and saves a
 * 64 KiB allocation for each read (a quarter of the CPU time of a small exchange).
 */

import { Socket } from 'node:net';
import { writableHighWaterMark } from './socket-writer.ts';

/** Shared by all sockets. */
export interface ReadBuffer {
  /** What it holds is valid during `onRead` only. */
  readonly bytes: Buffer;
  /** A mistake of sluice itself: `onRead` threw. It costs that connection and no other. */
  onDefect(error: Error): void;
}

export interface ReadOptions {
  readonly buffer: ReadBuffer;
  readonly onRead: (length: number, buffer: Buffer) => void;
}

/** A connection as the system has it: nothing reads it, and it has no socket of Node yet. */
export interface AcceptedHandle {
  /** The number that the system gave it; absent where it has none. */
  readonly fd?: number;
  close(): void;
}

interface WithHandle {
  _handle: AcceptedHandle | null;
}

/** The socket of a connection. Reading starts at once. */
export function adoptSocket(handle: AcceptedHandle, options: ReadOptions): Socket {
  const adopted = new Socket({
    handle,
    writableHighWaterMark,
    onread: onreadOf(options),
  } as object);
  adopted.setNoDelay(true);
  adopted.read(0);
  return adopted;
}

/** The same in Node's words, for a socket that is about to be made. */
export function onreadOf({ buffer, onRead }: ReadOptions) {
  function callback(this: Socket, length: number, bytes: Uint8Array): true {
    try {
      onRead(length, bytes as Buffer);
    } catch (error) {
      giveUp(this, buffer, error as Error);
    }
    return true;
  }
  return { buffer: buffer.bytes, callback };
}

/**
 * What the system knows the socket by, for another socket; null where there is none. Without it the
 * socket is over: it only tells its server that it is gone.
 */
export function takeHandle(socket: Socket): AcceptedHandle | null {
  const holder = socket as unknown as WithHandle;
  const handle = holder._handle ?? null;
  if (handle === null) return null;
  holder._handle = null;
  socket.destroy();
  return handle;
}

/** For a socket without a handle to move (another kind of stream): its plain events serve. */
export function hearData(socket: Socket, { buffer, onRead }: ReadOptions): void {
  socket.on('data', (chunk: Buffer) => {
    try {
      onRead(chunk.length, chunk);
    } catch (error) {
      giveUp(socket, buffer, error as Error);
    }
  });
}

/** What else depends on the socket hears of an error of it, as of any other. */
function giveUp(socket: Socket, buffer: ReadBuffer, error: Error): void {
  buffer.onDefect(error);
  socket.destroy(error);
}
