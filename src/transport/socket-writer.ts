/**
 * Gathers what goes out on a socket and writes it at the end of the turn of the event loop: a head
 * and a small body leave in one write, and nobody has to say when.
 *
 * Nearly always the system takes all of it at once. So text goes by the stream's `_write`, without
 * the queue of Writable and the tick that it schedules for each write (measured: 7 % of the CPU
 * time of a small exchange). What comes while the system still has something to take goes by that
 * queue, and so does everything on TLS, which takes one write at a time and never at once.
 */

import type { Socket } from 'node:net';
import { isTls } from '../base/node-tls.ts';
import type { TurnTask } from '../base/turn-queue.ts';
import type { WriteQueue } from './write-queue.ts';

/** Bodies up to this size are joined to the text around them; larger ones go by themselves. */
const joinedBytesMax = 16 * 1024;

/**
 * Sockets tell when they have drained only if they had more than this queued, so no limit on what
 * is queued may be lower.
 */
export const writableHighWaterMark = 16 * 1024;

/** Told of everything that is handed to the socket. */
export interface WriteCounter {
  countWritten(bytes: number): void;
}

export class SocketWriter implements TurnTask {
  readonly #socket: Socket;
  readonly #turns: WriteQueue;
  readonly #counter: WriteCounter | null;
  /** Latin-1 text: one character a byte. */
  #pending = '';
  /** `onTurnEnd` will be called. */
  #queued = false;
  readonly #isPlain: boolean;
  /** Bytes written past the socket's queue that the system has not taken yet. */
  #inFlight = 0;
  /** The system took the last text before `_write` returned. */
  #wasTakenAtOnce = false;
  readonly #onTaken = (error?: Error | null): void => this.#noteTaken(error ?? null);

  constructor(socket: Socket, turns: WriteQueue, counter: WriteCounter | null = null) {
    this.#socket = socket;
    this.#isPlain = !isTls(socket);
    this.#turns = turns;
    this.#counter = counter;
  }

  /** Bytes that the kernel would not take; `drain` comes when it has. */
  get bufferedBytes(): number {
    return this.#inFlight + this.#socket.writableLength;
  }

  /** Latin-1 text, each character one byte. */
  text(text: string): void {
    if (!this.#queued) {
      this.#queued = true;
      this.#turns.add(this);
    }
    this.#pending += text;
    if (this.#pending.length > joinedBytesMax * 2) this.flush();
  }

  /** A view that is valid during the call only. */
  bytes(buffer: Buffer, start: number, end: number): void {
    if (end - start <= joinedBytesMax) {
      this.text(buffer.toString('latin1', start, end));
      return;
    }
    this.flush();
    // The buffer is the shared read buffer, and the socket may keep what it is given.
    this.#counter?.countWritten(end - start);
    this.#turns.writeCopy(this.#socket, buffer, start, end);
  }

  /** A chunk that nobody changes any more. */
  chunk(chunk: string | Buffer): void {
    if (typeof chunk === 'string') {
      this.text(chunk);
      return;
    }
    this.flush();
    this.#counter?.countWritten(chunk.length);
    this.#socket.write(chunk);
  }

  onTurnEnd(): void {
    this.#queued = false;
    this.flush();
  }

  /** Writes now what is gathered, before a close for example. */
  flush(): void {
    if (this.#pending === '') return;
    const text = this.#pending;
    this.#pending = '';
    this.#counter?.countWritten(text.length);
    const socket = this.#socket;
    // What becomes of a write on a socket that has ended is its stream's to say.
    if (this.#isPlain && this.bufferedBytes === 0 && socket.writable) this.#hand(text);
    else socket.write(text, 'latin1');
  }

  #hand(text: string): void {
    this.#wasTakenAtOnce = false;
    this.#socket._write(text, 'latin1', this.#onTaken);
    if (!this.#wasTakenAtOnce) this.#inFlight = text.length;
  }

  /** Called at once, or when the system has room again. */
  #noteTaken(error: Error | null): void {
    const socket = this.#socket;
    const late = this.#inFlight;
    this.#wasTakenAtOnce = true;
    this.#inFlight = 0;
    if (error !== null) socket.destroy(error);
    // As the stream would tell, which does not know of these bytes.
    else if (late > 0 && late + socket.writableLength > writableHighWaterMark) socket.emit('drain');
  }
}
