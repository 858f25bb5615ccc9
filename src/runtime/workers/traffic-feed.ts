/** Passes requests on to the primary as they end, while somebody reads along there. */

import type { Timer, Timers } from '../../base/timers.ts';
import type { LiveTraffic, TrafficReader } from '../../telemetry/traffic/live-traffic.ts';
import type { RequestRecord } from '../../telemetry/traffic/request-record.ts';
import type { Notice } from './messages.ts';

/** Records of one worker in a second: more than anybody reads. */
const perSecond = 500;
/** Milliseconds for which records are collected: each message costs. */
const batchMs = 50;
/** More workers than there may be: records are told apart by it. */
const numberStride = 1024;

export class TrafficFeed implements TrafficReader {
  readonly filter = null;
  readonly perSecond = perSecond;
  readonly #number: number;
  readonly #traffic: LiveTraffic;
  readonly #timers: Timers;
  readonly #tell: (notice: Notice) => void;
  #leave: (() => void) | null = null;
  #records: RequestRecord[] = [];
  #timer: Timer | null = null;

  /** `number` of the worker, from 1. */
  constructor(
    number: number,
    parts: {
      readonly traffic: LiveTraffic;
      readonly timers: Timers;
      readonly tell: (notice: Notice) => void;
    },
  ) {
    this.#number = number;
    this.#traffic = parts.traffic;
    this.#timers = parts.timers;
    this.#tell = parts.tell;
  }

  /** Whether somebody reads along. */
  follow(wanted: boolean): void {
    if (wanted) {
      this.#leave ??= this.#traffic.subscribe(this);
      return;
    }
    this.#leave?.();
    this.#leave = null;
  }

  /** Those that ended last, the newest first. */
  recent(): RequestRecord[] {
    const { recent } = this.#traffic;
    return recent.list(null, recent.capacity).map((record) => this.#numbered(record));
  }

  onRequest(record: RequestRecord): void {
    this.#records.push(this.#numbered(record));
    this.#timer ??= this.#timers.set(batchMs, () => this.#send(0));
  }

  onSecond(dropped: number): void {
    if (dropped > 0) this.#send(dropped);
  }

  #send(dropped: number): void {
    this.#timer?.cancel();
    this.#timer = null;
    const records = this.#records;
    this.#records = [];
    this.#tell({ kind: 'traffic', records, dropped });
  }

  /** With an id that no other worker gives. */
  #numbered(record: RequestRecord): RequestRecord {
    return { ...record, id: record.id * numberStride + this.#number };
  }
}
