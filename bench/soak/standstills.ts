/**
 * Sees when the event loop of this process stood still, and whether the process ran meanwhile: if
 * it did it was its own work, if not the machine had no core for it.
 */

export interface Standstill {
  /** When it was over, milliseconds since 1970. */
  readonly at: number;
  readonly ms: number;
  /** CPU time of the thread of the event loop within. */
  readonly ranMs: number;
}

const everyMs = 100;
/** Shorter ones do no harm: nothing in the rules of a soak is as short. */
const leastMs = 400;

export class Standstills {
  readonly #timer: NodeJS.Timeout;
  #seen: Standstill[] = [];
  #last = performance.now();
  #ran = threadCpuMs();

  constructor() {
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
  }

  /** Those since it was asked last. */
  take(): readonly Standstill[] {
    const seen = this.#seen;
    this.#seen = [];
    return seen;
  }

  /** What happened up to here was meant to. */
  forgive(): void {
    this.#last = performance.now();
    this.#ran = threadCpuMs();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const ms = Math.round(performance.now() - this.#last);
    if (ms > leastMs) {
      this.#seen.push({ at: Date.now(), ms, ranMs: Math.round(threadCpuMs() - this.#ran) });
    }
    this.forgive();
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
