/** What /stats says against the counters and gauges that were recorded, by name and value. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Comparison, sameValue } from './mismatch.ts';

/** `{name: value}`; a value that differs from run to run is `<n>`. */
export type Stats = Readonly<Record<string, number | string>>;

/** Names that this proxy has not, or counts in another way, and why. */
interface LeftOut {
  /** A regular expression over whole names. */
  readonly pattern: string;
  /** Absent: all of them. */
  readonly scenario?: string;
  readonly reason: string;
}

/** What must agree at the first level; every difference shows at the third. */
const leastShare = 0.9;

/** Of these the recording has none. */
const unrecorded = /^cluster\.(?:PassthroughCluster|BlackHoleCluster|InboundPassthroughCluster)/;

export function readLeftOut(): readonly LeftOut[] {
  const text = readFileSync(join(import.meta.dirname, 'left-out-stats.json'), 'utf8');
  return JSON.parse(text) as LeftOut[];
}

/** `/stats?format=json` as it is recorded. */
export function readStats(body: string): Stats {
  const { stats } = JSON.parse(body) as { stats: readonly { name?: string; value?: number }[] };
  const values: Record<string, number> = {};
  for (const { name, value } of stats) {
    if (name !== undefined && value !== undefined) values[name] = value;
  }
  return values;
}

export interface StatsPair {
  readonly expected: Stats;
  readonly actual: Stats;
  readonly scenario: string;
  /** A regular expression that recorded names match. */
  readonly include: string;
}

export function compareStats(comparison: Comparison, pair: StatsPair): void {
  const { expected, actual, include } = pair;
  const leftOut = readLeftOut()
    .filter(({ scenario = pair.scenario }) => scenario === pair.scenario)
    .map(({ pattern }) => new RegExp(pattern));
  const isCompared = (name: string): boolean => !leftOut.some((pattern) => pattern.test(name));
  const names = Object.keys(expected).filter(isCompared);
  const agreeing = names.filter((name) => sameStat(expected[name], actual[name]));
  const share = agreeing.length / names.length;
  if (share < leastShare) {
    const agreed = `${agreeing.length} of ${names.length}`;
    comparison.fail(1, 'stats', { expected: `${100 * leastShare} % the same`, actual: agreed });
  }
  const isIncluded = new RegExp(include);
  const surplus = Object.keys(actual).filter(
    (name) =>
      isIncluded.test(name) &&
      !unrecorded.test(name) &&
      isCompared(name) &&
      expected[name] === undefined &&
      actual[name] !== 0,
  );
  const differing = names.filter((name) => !agreeing.includes(name));
  for (const name of [...differing, ...surplus]) {
    const values = { expected: expected[name] ?? 'unused', actual: actual[name] ?? 'absent' };
    comparison.fail(3, name, values);
  }
}

function sameStat(expected: number | string | undefined, actual: number | string | undefined) {
  if (actual === undefined) return false;
  return sameValue(String(expected), String(actual));
}
