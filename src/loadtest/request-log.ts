/**
 * Every request of the measured time, in columns of numbers: 23 bytes each, so that assertions
 * can look at any time, key and endpoint afterwards.
 */

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

export class RequestLog {
  #dueMs = new Float64Array(1024);
  #latencyMs = new Float32Array(1024);
  #kind = new Uint16Array(1024);
  #key = new Uint32Array(1024);
  #status = new Uint16Array(1024);
  #failure = new Uint8Array(1024);
  #endpoint = new Uint16Array(1024);
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
    return index;
  }

  answered(index: number, status: number, endpoint: number, latencyMs: number): void {
    this.#status[index] = status;
    this.#endpoint[index] = endpoint;
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
  }
}

interface Column {
  set(other: this): void;
}

function grown<T extends Column>(larger: T, column: T): T {
  larger.set(column);
  return larger;
}
