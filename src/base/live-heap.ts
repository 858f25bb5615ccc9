/** What of V8's old generation is alive, as its full garbage collections tell. */

import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { oldGenerationBytes } from './old-generation.ts';

/**
 * What one collection leaves may be a page that is being written, or a configuration that is being
 * loaded: the least of so many counts.
 */
const agreeing = 3;

export class LiveHeapWatch {
  readonly #observer: PerformanceObserver;
  /** Bytes in use after the last ones, where the event loop came round in between. */
  readonly #left: number[] = [];

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      if (list.getEntries().some(isFull)) this.#note(oldGenerationBytes());
    });
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** null: there were too few collections yet. */
  bytes(): number | null {
    return this.#left.length < agreeing ? null : Math.min(...this.#left);
  }

  stop(): void {
    this.#observer.disconnect();
  }

  #note(bytes: number): void {
    this.#left.push(bytes);
    if (this.#left.length > agreeing) this.#left.shift();
  }
}

/** Entries of garbage collections have a kind in their details, which the types leave open. */
function isFull(entry: PerformanceEntry): boolean {
  const { detail } = entry as PerformanceEntry & { readonly detail: { readonly kind: number } };
  return detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
