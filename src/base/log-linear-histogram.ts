/**
 * Bins of everything that was ever seen, and of the last whole interval: what Envoy shows of a
 * histogram. One that nothing was recorded in is a few fields.
 */

import { LogLinearBins } from './log-linear-bins.ts';

export class LogLinearHistogram {
  /** null until there is something: most clusters of a mesh are never asked. */
  #recent: LogLinearBins | null = null;
  #interval: LogLinearBins | null = null;
  /** All intervals that are over. */
  #past: LogLinearBins | null = null;

  /** Something was recorded since the start, or since `reset`. */
  get used(): boolean {
    return this.#recent !== null;
  }

  record(value: number): void {
    this.#recent ??= new LogLinearBins();
    this.#recent.add(value);
  }

  /** A new copy. */
  cumulative(): LogLinearBins {
    const all = new LogLinearBins();
    if (this.#past !== null) all.addAll(this.#past);
    if (this.#recent !== null) all.addAll(this.#recent);
    return all;
  }

  /** What the last whole interval had, as a new copy. */
  interval(): LogLinearBins {
    const last = new LogLinearBins();
    if (this.#interval !== null) last.addAll(this.#interval);
    return last;
  }

  /** An interval ends, and the next one begins. */
  endInterval(): void {
    const ended = this.#recent;
    if (ended === null || (ended.count === 0 && (this.#interval?.count ?? 0) === 0)) return;
    this.#past ??= new LogLinearBins();
    this.#past.addAll(ended);
    this.#recent = this.#interval ?? new LogLinearBins();
    this.#recent.clear();
    this.#interval = ended;
  }

  reset(): void {
    this.#recent = null;
    this.#interval = null;
    this.#past = null;
  }
}
