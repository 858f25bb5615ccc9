/**
 * Reading of one socket: paused by whoever has no room for what it brings, and put off to a later
 * turn of the event loop when enough has been read in this one, of it or of others.
 */

import type { Socket } from 'node:net';
import type { DeferredTask, TurnQueue } from '../base/turn-queue.ts';

/**
 * Of large pieces, of all sockets together. The system hands over as many as 32 of one socket in a
 * row, and hundreds of sockets may be ready at once: for each piece whoever waits for a small
 * answer would wait longer.
 */
const bytesPerTurn = 512 * 1024;

/** Behind such a piece there is more. Those of TLS are no larger. */
const largePiece = 16 * 1024;

export interface PacedReader {
  /** Its turn has come, and the socket is about to be read again. */
  onTurn(): void;
}

export class PacedReading implements DeferredTask {
  #socket: Socket;
  readonly #turns: TurnQueue;
  readonly #reader: PacedReader | null;
  #paused = false;
  /** Nothing is read until others have had their turn. */
  #waits = false;

  constructor(socket: Socket, turns: TurnQueue, reader: PacedReader | null = null) {
    this.#socket = socket;
    this.#turns = turns;
    this.#reader = reader;
  }

  /** The same bytes come by another socket from now on, which is being read. */
  moveTo(socket: Socket): void {
    this.#socket = socket;
    this.#paused = false;
    this.#waits = false;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    if (!this.#waits) this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (!this.#waits) this.#goOn();
  }

  /** To be called for each piece that was read. `length`: bytes. */
  take(length: number): void {
    if (length >= largePiece && this.#turns.countRead(length) >= bytesPerTurn) this.waitForTurn();
  }

  /** What comes next is another message, which may be small. */
  renew(): void {
    if (this.#waits) this.onTurnEnd();
  }

  /** Nothing is read until all others that wait have had their turn. */
  waitForTurn(): void {
    if (this.#waits) return;
    this.#waits = true;
    if (!this.#paused) this.#socket.pause();
    this.#turns.defer(this);
  }

  get waitsForTurn(): boolean {
    return this.#waits && !this.#socket.destroyed;
  }

  onTurnEnd(): void {
    this.#waits = false;
    this.#reader?.onTurn();
    if (!this.#paused && !this.#waits) this.#goOn();
  }

  #goOn(): void {
    if (!this.#socket.destroyed) this.#socket.resume();
  }
}
