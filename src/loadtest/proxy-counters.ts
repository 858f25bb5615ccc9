/** Counters of the proxy under load, as its admin API tells them: what only the proxy can know. */

import { isObject } from '../base/is-object.ts';
import type { Timer, Timers } from '../base/timers.ts';

/** Those that every report has: requests that policies refused or repeated. */
export const usualCounters: readonly string[] = [
  'upstream_rq_retry',
  'upstream_rq_retry_success',
  'upstream_rq_retry_overflow',
  'upstream_rq_retry_limit_exceeded',
  'upstream_rq_pending_overflow',
  'upstream_rq_timeout',
];

/** Values at one time, by name. */
interface CounterSample {
  /** Milliseconds since the end of the warm-up. */
  readonly atMs: number;
  readonly values: ReadonlyMap<string, number>;
}

/** Pause between two looks, milliseconds. */
const pauseMs = 250;

export interface ProxyCountersOptions {
  /** `HOST:PORT`. */
  readonly admin: string;
  /** Names as in `usualCounters`, or ends of longer names. */
  readonly names: readonly string[];
  readonly timers: Timers;
  /** Milliseconds since the end of the warm-up. */
  now(): number;
}

export class ProxyCounters {
  readonly samples: CounterSample[] = [];
  readonly #options: ProxyCountersOptions;
  #timer: Timer | null = null;
  #looking: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(options: ProxyCountersOptions) {
    this.#options = options;
  }

  /** From the end of the warm-up on. */
  begin(): void {
    const { timers, now } = this.#options;
    this.#timer = timers.set(Math.max(0, -now()), () => {
      this.#looking = this.#repeat();
    });
  }

  /** After the last request: what it came to. */
  async end(): Promise<void> {
    this.stop();
    await this.#looking;
    await this.#look();
  }

  stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  async #repeat(): Promise<void> {
    await this.#look();
    if (this.#isOver) return;
    this.#timer = this.#options.timers.set(pauseMs, () => {
      this.#looking = this.#repeat();
    });
  }

  async #look(): Promise<void> {
    const { admin, names, now } = this.#options;
    const atMs = now();
    const values = await readCounters(admin, names);
    if (values !== null) this.samples.push({ atMs, values });
  }
}

/** null: it did not say. */
async function readCounters(
  admin: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, number> | null> {
  try {
    const filter = encodeURIComponent(`(${names.map(quoted).join('|')})$`);
    const response = await fetch(`http://${admin}/stats?format=json&filter=${filter}`);
    const { stats } = (await response.json()) as { readonly stats: readonly unknown[] };
    return sumsOf(stats, names);
  } catch {
    // The proxy is busy, or gone: the next look will tell.
    return null;
  }
}

function quoted(name: string): string {
  return name.replace(/[^\w]/g, '\\$&');
}

/** Of all clusters: a name of Envoy ends with that of the counter. */
function sumsOf(stats: readonly unknown[], names: readonly string[]): Map<string, number> {
  const sums = new Map(names.map((name) => [name, 0]));
  for (const stat of stats) {
    if (!isObject(stat) || typeof stat.name !== 'string' || typeof stat.value !== 'number')
      continue;
    for (const name of names) {
      const isIt = stat.name === name || stat.name.endsWith(`.${name}`);
      if (isIt) sums.set(name, (sums.get(name) ?? 0) + stat.value);
    }
  }
  return sums;
}

/** By how much a counter grew in a time; null where nobody could ask. Exact to 250 ms. */
export function counterGrowth(
  samples: readonly CounterSample[],
  name: string,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): number | null {
  const first = samples.findLast(({ atMs }) => atMs <= fromMs) ?? samples[0];
  const last = samples.find(({ atMs }) => atMs >= untilMs) ?? samples.at(-1);
  if (first === undefined || last === undefined || first === last) return null;
  return (last.values.get(name) ?? 0) - (first.values.get(name) ?? 0);
}
