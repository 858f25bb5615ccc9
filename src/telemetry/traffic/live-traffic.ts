/**
 * Exchanges as they end, for people to look at: keeps the last ones, and hands them to those who
 * read along. A record is made of each while there are few. Under load only of so many a second,
 * errors and slow ones first: the others would cost what nobody could read, and outlive the young
 * generation of the heap. Nobody reading along costs a comparison or two.
 */

import type { Timer, Timers } from '../../base/timers.ts';
import type { ProxyIdentity } from '../../model/proxy-identity.ts';
import { selfWorkload } from '../metrics/istio-labels.ts';
import type { StreamInfo } from '../stream-info.ts';
import { RecentRequests } from './recent-requests.ts';
import { partyOf, recordExchange } from './record-exchange.ts';
import type { RequestFilter } from './request-filter.ts';
import type { RequestParty, RequestRecord } from './request-record.ts';

/** Records that are kept. */
export const recentRequestsMax = 1000;
/** Exchanges of one second that are recorded whatever they are like. */
export const recordedPerSecond = 100;
/** Further ones that failed or were slow. */
export const notableRecordedPerSecond = 100;
/** Slow, in milliseconds. */
export const slowRequestMs = 1000;

/** Somebody who reads along. */
export interface TrafficReader {
  /** null: all. */
  readonly filter: RequestFilter | null;
  /** At most so many in one second; the others are counted. */
  readonly perSecond: number;
  onRequest(record: RequestRecord): void;
  /** Once a second. `dropped`: since the last time, above `perSecond`. */
  onSecond(dropped: number): void;
}

interface Subscription {
  readonly reader: TrafficReader;
  /** Within this second. */
  delivered: number;
  dropped: number;
}

const unknownParty: RequestParty = {
  workload: '',
  namespace: '',
  app: '',
  version: '',
  service: '',
};

export class LiveTraffic {
  readonly recent = new RecentRequests(recentRequestsMax);
  /** Exchanges and TCP connections that have ended. */
  ended = 0;
  /** Those of which no record was kept. */
  unrecorded = 0;
  readonly #timers: Timers;
  #self = unknownParty;
  /** Clock.now() at which other exchanges may be recorded again. */
  #secondEndsAt = 0;
  #recorded = 0;
  #notable = 0;
  /** Told when somebody begins to read along, and when nobody does any more. */
  onReaders: ((any: boolean) => void) | null = null;
  /** null while nobody reads along. */
  #subscriptions: Set<Subscription> | null = null;
  #timer: Timer | null = null;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Somebody reads along. */
  get hasReaders(): boolean {
    return this.#subscriptions !== null;
  }

  /** From now on records say that this is the workload of the proxy. */
  follow(proxy: ProxyIdentity): void {
    this.#self = partyOf(selfWorkload(proxy));
  }

  /** Called once for each exchange and TCP connection, at its end. */
  onEnd(info: StreamInfo): void {
    this.ended++;
    const isKept = this.#isKept(info);
    if (!isKept) this.unrecorded++;
    if (!isKept && this.#subscriptions === null) return;
    this.#tell(info, isKept);
  }

  /** Exchanges of other processes. `dropped`: further ones of which nothing is known. */
  onOthers(records: readonly RequestRecord[], dropped: number): void {
    for (const subscription of this.#subscriptions ?? []) {
      subscription.dropped += dropped;
      for (const record of records) deliver(record, subscription);
    }
  }

  /** Returns what ends it. */
  subscribe(reader: TrafficReader): () => void {
    const subscription: Subscription = { reader, delivered: 0, dropped: 0 };
    if (this.#subscriptions === null) {
      this.#subscriptions = new Set();
      this.onReaders?.(true);
    }
    this.#subscriptions.add(subscription);
    if (this.#timer === null) this.#arm();
    return () => this.#unsubscribe(subscription);
  }

  #isKept(info: StreamInfo): boolean {
    if (info.endedAt >= this.#secondEndsAt) {
      this.#secondEndsAt = info.endedAt + 1000;
      this.#recorded = 0;
      this.#notable = 0;
    }
    if (this.#recorded < recordedPerSecond) {
      this.#recorded++;
      return true;
    }
    if (this.#notable === notableRecordedPerSecond || !isNotable(info)) return false;
    this.#notable++;
    return true;
  }

  #tell(info: StreamInfo, isKept: boolean): void {
    let record: RequestRecord | null = null;
    if (isKept) {
      record = recordExchange(info, this.ended, this.#self);
      this.recent.add(record);
    }
    if (this.#subscriptions === null) return;
    for (const subscription of this.#subscriptions) {
      const { reader } = subscription;
      if (subscription.delivered === reader.perSecond && reader.filter === null) {
        subscription.dropped++;
        continue;
      }
      record ??= recordExchange(info, this.ended, this.#self);
      deliver(record, subscription);
    }
  }

  #unsubscribe(subscription: Subscription): void {
    this.#subscriptions?.delete(subscription);
    if (this.#subscriptions?.size !== 0) return;
    this.#subscriptions = null;
    this.#timer?.cancel();
    this.#timer = null;
    this.onReaders?.(false);
  }

  #arm(): void {
    this.#timer = this.#timers.set(1000, () => {
      this.#arm();
      // A reader may leave while it is told.
      for (const subscription of [...(this.#subscriptions ?? [])]) {
        const { dropped, reader } = subscription;
        subscription.delivered = 0;
        subscription.dropped = 0;
        reader.onSecond(dropped);
      }
    });
  }
}

function deliver(record: RequestRecord, subscription: Subscription): void {
  const { reader } = subscription;
  if (reader.filter !== null && !reader.filter(record)) return;
  if (subscription.delivered === reader.perSecond) {
    subscription.dropped++;
    return;
  }
  subscription.delivered++;
  reader.onRequest(record);
}

/** Failed, or slow. */
function isNotable(info: StreamInfo): boolean {
  if (info.status >= 500 || info.responseFlags !== 0) return true;
  if (info.grpcStatus !== null && info.grpcStatus !== 0) return true;
  return info.endedAt - info.startedAt >= slowRequestMs;
}
