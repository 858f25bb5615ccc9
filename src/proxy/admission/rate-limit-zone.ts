/**
 * How much of a rate limit each client has used up: nginx's limit_req. What a client asks runs out
 * of its bucket at the limit's rate; the first request finds the bucket empty, and each one after it
 * pours in a thousand thousandths. Lasts over reloads, under the limit's name.
 */

import type { LocalRateLimit } from '../../model/request-admission.ts';

/** Of one client, between those that were seen before and after it. */
interface Bucket {
  readonly client: string;
  /** Thousandths of a request that had not run out at `at`. */
  excess: number;
  /** Whole milliseconds, as nginx counts. */
  at: number;
  older: Bucket | null;
  newer: Bucket | null;
}

type Rate = Pick<LocalRateLimit, 'milliRequestsPerSecond' | 'burst'>;

const oneRequest = 1000;

export class RateLimitZone {
  readonly #buckets = new Map<string, Bucket>();
  // The list is in no Map: what is deleted from one's start is walked over until it is built anew.
  #oldest: Bucket | null = null;
  #newest: Bucket | null = null;

  /** Clients that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Whether a request at `now` (whole milliseconds) is within the rate. Changes nothing. */
  admits(client: string, rate: Rate, now: number): boolean {
    const bucket = this.#buckets.get(client);
    return bucket === undefined || excessAt(bucket, rate, now) <= rate.burst * oneRequest;
  }

  /**
   * Counts a request that was let in. Where more than `clientsMax` are remembered then, the client
   * seen least recently is forgotten; true if that one had used up something.
   */
  count(client: string, rate: Rate, { now, clientsMax }: CountOptions): boolean {
    const known = this.#buckets.get(client);
    if (known !== undefined) {
      known.excess = excessAt(known, rate, now);
      known.at = now;
      this.#unlink(known);
      this.#append(known);
      return false;
    }
    const bucket: Bucket = { client, excess: 0, at: now, older: null, newer: null };
    this.#buckets.set(client, bucket);
    this.#append(bucket);
    return this.#forgetOldest(rate, now, clientsMax);
  }

  /**
   * What has run out says nothing any more: two are looked at for each that is added, as in nginx.
   * Two also go where a reload has lowered `clientsMax`.
   */
  #forgetOldest(rate: Rate, now: number, clientsMax: number): boolean {
    let hasForgotten = false;
    for (let looked = 0; looked < 2; looked++) {
      const oldest = this.#oldest as Bucket;
      const isEmpty = excessAt(oldest, rate, now) === 0;
      if (!isEmpty && this.#buckets.size <= clientsMax) return hasForgotten;
      this.#buckets.delete(oldest.client);
      this.#unlink(oldest);
      hasForgotten ||= !isEmpty;
    }
    return hasForgotten;
  }

  #append(bucket: Bucket): void {
    bucket.older = this.#newest;
    bucket.newer = null;
    if (this.#newest === null) this.#oldest = bucket;
    else this.#newest.newer = bucket;
    this.#newest = bucket;
  }

  #unlink({ older, newer }: Bucket): void {
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
  }
}

interface CountOptions {
  /** Whole milliseconds. */
  readonly now: number;
  readonly clientsMax: number;
}

/** With one request more; in whole thousandths, as nginx. */
function excessAt({ excess, at }: Bucket, rate: Rate, now: number): number {
  const runOut = Math.floor((rate.milliRequestsPerSecond * (now - at)) / 1000);
  return Math.max(0, excess - runOut + oneRequest);
}
