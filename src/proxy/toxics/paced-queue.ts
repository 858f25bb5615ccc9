/**
 * Bytes that wait for their turn: passed on no faster than a rate, and not at all while it is held.
 * The rate holds over any time with an excess of one slice at most.
 */

import type { Clock } from '../../base/clock.ts';
import { TimerEntry, type TimerWheel } from '../../base/timer-wheel.ts';

/** Bytes of so many milliseconds are passed on together. */
const sliceMs = 20;

export interface PacedReceiver {
  /** The bytes are valid during the call only. */
  onPacedBytes(bytes: Buffer, start: number, end: number): void;
  /** What waited has been passed on. */
  onPacedEmpty(): void;
}

interface QueueDependencies {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
}

export class PacedQueue extends TimerEntry {
  readonly #msPerByte: number;
  readonly #sliceBytes: number;
  readonly #receiver: PacedReceiver;
  readonly #clock: Clock;
  readonly #wheel: TimerWheel;
  #pieces: Buffer[] = [];
  #queuedBytes = 0;
  /** Bytes of the first piece that have been passed on. */
  #offset = 0;
  /** Clock.now() from which on the next slice may pass. */
  #freeAt = 0;
  #held: boolean;
  #over = false;

  /** A rate of Infinity is none. A queue that begins held waits for `release`. */
  constructor(
    options: { readonly bytesPerSecond: number; readonly held: boolean },
    receiver: PacedReceiver,
    { clock, wheel }: QueueDependencies,
  ) {
    super();
    const { bytesPerSecond, held } = options;
    this.#msPerByte = 1000 / bytesPerSecond;
    this.#sliceBytes = Math.max(1, Math.floor((bytesPerSecond * sliceMs) / 1000));
    this.#held = held;
    this.#receiver = receiver;
    this.#clock = clock;
    this.#wheel = wheel;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** The bytes are valid during the call only. */
  push(bytes: Buffer, start: number, end: number): void {
    if (this.#over || start === end) return;
    if (this.#queuedBytes === 0) {
      if (this.#msPerByte === 0 && !this.#held) {
        this.#receiver.onPacedBytes(bytes, start, end);
        return;
      }
      // Time in which nothing came is not made up for.
      this.#freeAt = Math.max(this.#freeAt, this.#clock.now());
    }
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
    this.#queuedBytes += end - start;
    if (!this.armed) this.#pass();
  }

  /** Nothing passes until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#freeAt = Math.max(this.#freeAt, this.#clock.now());
    this.#pass();
  }

  /** What waits is dropped. */
  cancel(): void {
    this.#over = true;
    this.#pieces = [];
    this.#queuedBytes = 0;
    this.#wheel.disarm(this);
  }

  onTimeout(): void {
    this.#pass();
  }

  #pass(): void {
    if (this.#held || this.#over || this.#queuedBytes === 0) return;
    const now = this.#clock.now();
    while (this.#freeAt <= now && this.#queuedBytes > 0 && !this.#held) this.#passSlice();
    // What was passed on may have ended everything.
    if (this.#over || this.#held) return;
    if (this.#queuedBytes > 0) this.#wheel.arm(this, this.#freeAt - now, now);
    else this.#receiver.onPacedEmpty();
  }

  #passSlice(): void {
    const piece = this.#pieces[0] as Buffer;
    const start = this.#offset;
    const end = Math.min(piece.length, start + this.#sliceBytes);
    this.#offset = end;
    if (end === piece.length) {
      this.#pieces.shift();
      this.#offset = 0;
    }
    this.#queuedBytes -= end - start;
    this.#freeAt += (end - start) * this.#msPerByte;
    this.#receiver.onPacedBytes(piece, start, end);
  }
}
