/** Counters of the proxy under load, as its admin API tells them: what only the proxy can know. */

import { askHttp } from '../base/ask-http.ts';
import { isObject } from '../base/is-object.ts';
import { nearestSpelling } from '../base/spelling.ts';
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

/** Values at one time, by name; without those that the proxy does not have. */
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
  /** Names that it never had in any look, each with the nearest of those that it has. */
  readonly unknown = new Map<string, readonly string[]>();
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
    await this.#findUnknown();
  }

  stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  async #findUnknown(): Promise<void> {
    const { admin, names } = this.#options;
    if (this.samples.length === 0) return;
    const isKnown = (name: string): boolean =>
      ofOneStatus.test(name) || this.samples.some(({ values }) => values.has(name));
    const unknown = names.filter((name) => !isKnown(name));
    if (unknown.length === 0) return;
    const stats = (await readStats(admin, '')) ?? [];
    const tails = new Set(stats.map(({ name }) => name.slice(name.lastIndexOf('.') + 1)));
    for (const name of unknown) this.unknown.set(name, nearest(name, [...tails]));
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

/** Of one status, such as `upstream_rq_503`: it is there from the first such answer on. */
const ofOneStatus = /(^|\.)(up|down)stream_rq_\d{3}$/;

/** Names told to who has misspelt one. */
const maxNearest = 3;

function nearest(name: string, candidates: readonly string[]): readonly string[] {
  const found: string[] = [];
  while (found.length < maxNearest) {
    const left = candidates.filter((candidate) => !found.includes(candidate));
    const next = nearestSpelling(name, left);
    if (next === null) break;
    found.push(next);
  }
  return found;
}

interface Stat {
  readonly name: string;
  readonly value: number;
}

/** null: it did not say. */
async function readCounters(
  admin: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, number> | null> {
  const stats = await readStats(admin, `(${names.map(quoted).join('|')})$`);
  return stats === null ? null : sumsOf(stats, names);
}

/** `filter`: a regular expression; empty: all. */
async function readStats(admin: string, filter: string): Promise<readonly Stat[] | null> {
  try {
    const query = `format=json&filter=${encodeURIComponent(filter)}`;
    const response = await askHttp(`http://${admin}/stats?${query}`);
    const { stats } = JSON.parse(await response.text()) as { readonly stats: readonly unknown[] };
    return stats.filter(isStat);
  } catch {
    // The proxy is busy, or gone: the next look will tell.
    return null;
  }
}

function isStat(stat: unknown): stat is Stat {
  return isObject(stat) && typeof stat.name === 'string' && typeof stat.value === 'number';
}

function quoted(name: string): string {
  return name.replace(/[^\w]/g, '\\$&');
}

/** Of all clusters: a name of Envoy ends with that of the counter. */
function sumsOf(stats: readonly Stat[], names: readonly string[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const stat of stats) {
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
