/** The records of the requests that ended last, in a ring. */

import type { RequestFilter } from './request-filter.ts';
import type { RequestRecord } from './request-record.ts';

export class RecentRequests {
  readonly capacity: number;
  readonly #ring: RequestRecord[] = [];
  /** Where the next one goes, once the ring is full. */
  #oldest = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#ring.length;
  }

  add(record: RequestRecord): void {
    if (this.#ring.length < this.capacity) {
      this.#ring.push(record);
      return;
    }
    this.#ring[this.#oldest] = record;
    this.#oldest = (this.#oldest + 1) % this.capacity;
  }

  /** Only these from now on, the oldest first. */
  replace(records: readonly RequestRecord[]): void {
    this.#ring.length = 0;
    this.#oldest = 0;
    for (const record of records) this.add(record);
  }

  /** The newest first, at most `limit`. */
  list(filter: RequestFilter | null, limit: number): RequestRecord[] {
    const found: RequestRecord[] = [];
    const { length } = this.#ring;
    for (let age = 1; age <= length && found.length < limit; age++) {
      const record = this.#ring[(this.#oldest + length - age) % length] as RequestRecord;
      if (filter === null || filter(record)) found.push(record);
    }
    return found;
  }
}
