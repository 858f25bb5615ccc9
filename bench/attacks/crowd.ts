/**
 * Many connections that do the same: opens them at a rate, opens new ones in place of those that
 * the proxy ends, and counts what became of them.
 */

import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface Behaviour {
  /** Open at a time. */
  readonly connections: number;
  /** New ones a second, at most. */
  readonly connectsPerSecond: number;
  /** Calls of `onTick` a second for each connection; 0: none. */
  readonly ticksPerSecond: number;
  /** What is sent is never looked at. */
  readonly isDeaf?: boolean;
  /** Both return how many frames, requests or the like they have sent. */
  onOpen(socket: Socket): number;
  onTick?(socket: Socket): number;
}

export interface CrowdCounts {
  /** Connections that were made. */
  opened: number;
  /** Connections that could not be made, or ended before anything was sent. */
  refused: number;
  /** Of those that were made: ended by the proxy. */
  closedByProxy: number;
  /** Frames, requests or whatever the attack is made of. */
  sent: number;
  sentBytes: number;
  /** First status or error of connections: `431`, `GOAWAY 11`. */
  readonly answers: Record<string, number>;
}

const tickMs = 10;
/** A connection that takes no more is not sent more. */
const queuedBytesMax = 256 * 1024;

export class Crowd {
  readonly counts: CrowdCounts = {
    opened: 0,
    refused: 0,
    closedByProxy: 0,
    sent: 0,
    sentBytes: 0,
    answers: {},
  };
  readonly #port: number;
  readonly #behaviour: Behaviour;
  readonly #open = new Set<Socket>();
  #connecting = 0;
  #isOver = false;

  constructor(port: number, behaviour: Behaviour) {
    this.#port = port;
    this.#behaviour = behaviour;
  }

  /** Resolves after `seconds`, when all connections have been closed. */
  async run(seconds: number): Promise<CrowdCounts> {
    const start = performance.now();
    let last = start;
    let connects = 0;
    let ticks = 0;
    while (performance.now() - start < seconds * 1000) {
      const now = performance.now();
      // What a late process has missed is not made up for at once.
      const passed = Math.min(now - last, 5 * tickMs) / 1000;
      last = now;
      connects = this.#connectSome(connects + passed * this.#behaviour.connectsPerSecond);
      const { ticksPerSecond } = this.#behaviour;
      ticks = this.#tickSome(ticks + passed * ticksPerSecond * this.#open.size);
      await pause(tickMs);
    }
    this.#isOver = true;
    for (const socket of this.#open) {
      this.counts.sentBytes += socket.bytesWritten;
      socket.resetAndDestroy();
    }
    return this.counts;
  }

  /** Returns what is left of `due`. */
  #connectSome(due: number): number {
    let left = due;
    while (left >= 1 && this.#open.size + this.#connecting < this.#behaviour.connections) {
      left--;
      this.#connect();
    }
    return Math.min(left, 1);
  }

  /** One connection after the other, in a circle. */
  #tickSome(due: number): number {
    const { onTick } = this.#behaviour;
    let left = due;
    for (; onTick !== undefined && left >= 1; left--) {
      const [socket] = this.#open;
      if (socket === undefined) return 0;
      this.#open.delete(socket);
      this.#open.add(socket);
      if (socket.writableLength < queuedBytesMax) this.counts.sent += onTick(socket);
    }
    return left;
  }

  #connect(): void {
    this.#connecting++;
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    let isOpen = false;
    socket.once('connect', () => {
      isOpen = true;
      this.#connecting--;
      this.counts.opened++;
      if (this.#isOver) {
        socket.destroy();
        return;
      }
      this.#open.add(socket);
      this.counts.sent += this.#behaviour.onOpen(socket);
      this.#listen(socket);
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      if (!isOpen) {
        this.#connecting--;
        this.counts.refused++;
      } else if (this.#open.delete(socket) && !this.#isOver) {
        this.counts.sentBytes += socket.bytesWritten;
      }
    });
  }

  #listen(socket: Socket): void {
    if (this.#behaviour.isDeaf) return;
    let isFirst = true;
    let tail: Buffer = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      if (isFirst) this.#count(/^HTTP\/1\.1 (\d{3})/.exec(data.toString('latin1', 0, 12))?.[1]);
      isFirst = false;
      tail = data.length >= tailBytes ? data : Buffer.concat([tail, data]).subarray(-tailBytes);
    });
    socket.once('close', () => {
      if (this.#isOver || socket.bytesWritten === 0) return;
      this.counts.closedByProxy++;
      this.#count(goawayIn(tail));
    });
  }

  #count(answer: string | undefined): void {
    if (answer === undefined) return;
    const { answers } = this.counts;
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
}

/** A GOAWAY with its text is in the last bytes of a connection. */
const tailBytes = 512;
/** Type, flags and stream of its header. */
const goawayMark = Buffer.from([7, 0, 0, 0, 0, 0]);

function goawayIn(tail: Buffer): string | undefined {
  const at = tail.lastIndexOf(goawayMark);
  const code = at + goawayMark.length + 4;
  return at < 0 || code + 4 > tail.length ? undefined : `GOAWAY ${tail.readUInt32BE(code)}`;
}
