/**
 * Every request of the measured time, in columns of numbers: 33 bytes each, so that assertions
 * can look at any time, key, endpoint and route afterwards.
 */

import { NameTable } from './name-table.ts';

/**
 * Why there is no answer. `dropped`: too many waited already. `unfinished`: the load ended, which
 * is nobody's fault, and it counts nowhere.
 */
export type FailureKind = (typeof failureKinds)[number];
const failureKinds = [
  'none',
  'timeout',
  'reset',
  'refused',
  'dropped',
  'unfinished',
  'other',
] as const;

/** Of requests that no synthetic workload answered. */
export const noEndpoint = 0xffff;
/** Of requests without a key. */
export const noKey = 0xffffffff;

/** The whole answer to a request. */
export interface Answer {
  readonly status: number;
  /** Index among all endpoints of the scenario. */
  readonly endpoint: number;
  /** What the rules call the route, in the header that the scenario names; empty: nothing. */
  readonly route: string;
  /** What the endpoint took by its own clock, milliseconds; NaN where none answered. */
  readonly tookMs: number;
  /** What it should have taken. */
  readonly askedMs: number;
}

/** Of answers that no endpoint and no route put a name to. */
export const unnamedAnswer = {
  ...{ endpoint: noEndpoint, route: '', tookMs: Number.NaN, askedMs: Number.NaN },
} as const;

export class RequestLog {
  #dueMs = new Float64Array(1024);
  #latencyMs = new Float32Array(1024);
  #kind = new Uint16Array(1024);
  #key = new Uint32Array(1024);
  #status = new Uint16Array(1024);
  #failure = new Uint8Array(1024);
  #endpoint = new Uint16Array(1024);
  #route = new Uint16Array(1024);
  #tookMs = new Float32Array(1024);
  #askedMs = new Float32Array(1024);
  readonly #routes = new NameTable();
  #length = 0;

  /** Requests that were due; the last ones may not be answered yet. */
  get length(): number {
    return this.#length;
  }

  /** Returns its index. `dueMs` counts from the end of the warm-up. */
  begin(dueMs: number, kind: number, key: number): number {
    const index = this.#length++;
    if (index === this.#dueMs.length) this.#grow();
    this.#dueMs[index] = dueMs;
    this.#kind[index] = kind;
    this.#key[index] = key;
    this.#endpoint[index] = noEndpoint;
    this.#latencyMs[index] = Number.NaN;
    this.#tookMs[index] = Number.NaN;
    this.#askedMs[index] = Number.NaN;
    return index;
  }

  answered(index: number, answer: Answer, latencyMs: number): void {
    this.#status[index] = answer.status;
    this.#endpoint[index] = answer.endpoint;
    this.#route[index] = this.#routes.numberOf(answer.route);
    this.#tookMs[index] = answer.tookMs;
    this.#askedMs[index] = answer.askedMs;
    this.#latencyMs[index] = latencyMs;
  }

  failed(index: number, failure: FailureKind, latencyMs: number): void {
    this.#failure[index] = failureKinds.indexOf(failure);
    this.#latencyMs[index] = latencyMs;
  }

  dueMs(index: number): number {
    return this.#dueMs[index] ?? 0;
  }

  /** From when it was due to the end of its answer; NaN while there is none. */
  latencyMs(index: number): number {
    return this.#latencyMs[index] ?? Number.NaN;
  }

  /** Index among the kinds of requests of the scenario. */
  kind(index: number): number {
    return this.#kind[index] ?? 0;
  }

  key(index: number): number {
    return this.#key[index] ?? noKey;
  }

  /** 0: no answer. */
  status(index: number): number {
    return this.#status[index] ?? 0;
  }

  failure(index: number): FailureKind {
    return failureKinds[this.#failure[index] ?? 0] ?? 'other';
  }

  /** Index among all endpoints of the scenario. */
  endpoint(index: number): number {
    return this.#endpoint[index] ?? noEndpoint;
  }

  /** Empty: the answer did not say, or there is none. */
  route(index: number): string {
    return this.#routes.names[this.#route[index] ?? 0] ?? '';
  }

  /** All routes that answers have named. */
  get routes(): readonly string[] {
    return this.#routes.names.slice(1);
  }

  /** What the endpoint took by its own clock; NaN where none answered. */
  tookMs(index: number): number {
    return this.#tookMs[index] ?? Number.NaN;
  }

  /** What the endpoint should have taken. */
  askedMs(index: number): number {
    return this.#askedMs[index] ?? Number.NaN;
  }

  isError(index: number): boolean {
    const status = this.status(index);
    return status === 0 || status >= 500;
  }

  #grow(): void {
    const length = this.#dueMs.length * 2;
    this.#dueMs = grown(new Float64Array(length), this.#dueMs);
    this.#latencyMs = grown(new Float32Array(length), this.#latencyMs);
    this.#kind = grown(new Uint16Array(length), this.#kind);
    this.#key = grown(new Uint32Array(length), this.#key);
    this.#status = grown(new Uint16Array(length), this.#status);
    this.#failure = grown(new Uint8Array(length), this.#failure);
    this.#endpoint = grown(new Uint16Array(length), this.#endpoint);
    this.#route = grown(new Uint16Array(length), this.#route);
    this.#tookMs = grown(new Float32Array(length), this.#tookMs);
    this.#askedMs = grown(new Float32Array(length), this.#askedMs);
  }
}

interface Column {
  set(other: this): void;
}

function grown<T extends Column>(larger: T, column: T): T {
  larger.set(column);
  return larger;
}
