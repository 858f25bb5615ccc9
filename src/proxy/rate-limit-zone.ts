/**
 * How much of a rate limit each client has used up: nginx's limit_req. What a client asks runs out
 * of its bucket at the limit's rate; the first request finds the bucket empty, and each one after it
 * pours in a thousand thousandths. Lasts over reloads, under the limit's name.
 */

import type { LocalRateLimit } from '../model/request-admission.ts';

interface Bucket {
  /** Thousandths of a request that had not run out at `at`. */
  excess: number;
  /** Whole milliseconds, as nginx counts. */
  at: number;
}

type Rate = Pick<LocalRateLimit, 'milliRequestsPerSecond' | 'burst'>;

const oneRequest = 1000;

export class RateLimitZone {
  /** By address, that of the client seen least recently first. */
  readonly #buckets = new Map<string, Bucket>();

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
    const buckets = this.#buckets;
    const bucket = buckets.get(client);
    if (bucket === undefined) {
      buckets.set(client, { excess: 0, at: now });
      return this.#forgetOldest(rate, now, clientsMax);
    }
    bucket.excess = excessAt(bucket, rate, now);
    bucket.at = now;
    // To the end: it is the one seen last.
    buckets.delete(client);
    buckets.set(client, bucket);
    return false;
  }

  /** What has run out says nothing any more: two are looked at for each that is added, as in nginx. */
  #forgetOldest(rate: Rate, now: number, clientsMax: number): boolean {
    const buckets = this.#buckets;
    let looked = 0;
    for (const [client, bucket] of buckets) {
      const isEmpty = excessAt(bucket, rate, now) === 0;
      const isOver = buckets.size > clientsMax;
      if (!isEmpty && !isOver) return false;
      buckets.delete(client);
      if (!isEmpty) return true;
      if (++looked === 2) return false;
    }
    return false;
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
