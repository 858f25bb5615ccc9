/** Comparing the outcome of a repeated request: counts, sequences and random draws. */

import type { Comparing } from './compare-single.ts';
import type { Level } from './mismatch.ts';
import type { Counts, Outcome, Scenario } from './scenario.ts';
import {
  countsPlausible,
  countsWithinOne,
  sameShape,
  sameUpToRotation,
  sameUpToStart,
} from './statistics.ts';

type CountField =
  | 'by_backend'
  | 'by_status'
  | 'by_log'
  | 'upstream_hits_by_backend'
  | 'upstream_hits_per_request'
  | 'elapsed_ms_histogram';

const countFields: readonly (readonly [Level, CountField])[] = [
  [1, 'by_backend'],
  [1, 'by_status'],
  [1, 'upstream_hits_by_backend'],
  [1, 'upstream_hits_per_request'],
  [3, 'by_log'],
];

export function compareRepeated(comparing: Comparing, scenario: Scenario): void {
  const { comparison, expected, actual } = comparing;
  comparison.check(1, 'count', { expected: expected.count, actual: actual.count });
  for (const [level, field] of countFields) compareCounts(comparing, scenario, { level, field });
  compareFlags(comparing, scenario);
  compareSequences(comparing, scenario);
  compareHistogram(comparing);
  if (expected.upstream_connections !== undefined) {
    comparison.check(2, 'upstream_connections', {
      expected: expected.upstream_connections,
      actual: actual.upstream_connections,
    });
  }
}

function compareCounts(
  comparing: Comparing,
  scenario: Scenario,
  { level, field }: { readonly level: Level; readonly field: CountField },
): void {
  const expected = comparing.expected[field];
  // A connection without HTTP has no status and no request upstream.
  if (expected === undefined) return;
  const actual = comparing.actual[field] ?? {};
  const recorded = runsOf(comparing, (outcome) => outcome[field]);
  if (sameCounts({ comparing, scenario, field }, { recorded, actual })) return;
  comparing.comparison.fail(level, field, { expected, actual });
}

interface CountRules {
  readonly comparing: Comparing;
  readonly scenario: Scenario;
  readonly field: string;
}

function sameCounts(
  { comparing, scenario, field }: CountRules,
  { recorded, actual }: { recorded: readonly Counts[]; actual: Counts },
): boolean {
  const byBackend = field === 'by_backend' || field === 'upstream_hits_by_backend';
  if (byBackend && comparing.choice.hashOfRandomPorts) {
    // Which endpoint a key falls on depends on the ports; whether it is one or several does not.
    const several = (counts: Counts): boolean => Object.keys(counts).length > 1;
    return recorded.some((counts) => several(counts) === several(actual));
  }
  if (recorded.some((counts) => countsEqual(counts, actual))) return true;
  if (comparing.request.unstable?.includes(field) === true) {
    return countsPlausible(recorded, actual) || recorded.some((one) => sameShape(one, actual));
  }
  if (!isRoundRobin(scenario)) return false;
  return recorded.some((one) => countsWithinOne(one, actual) || sameShape(one, actual));
}

/** Status and flags of `by_log`, without the details. */
function compareFlags(comparing: Comparing, scenario: Scenario): void {
  const flags = (counts: Counts = {}): Counts => {
    const merged: Record<string, number> = {};
    for (const [key, value] of Object.entries(counts)) {
      const short = key.split(' ').slice(0, 2).join(' ');
      merged[short] = (merged[short] ?? 0) + value;
    }
    return merged;
  };
  const recorded = runsOf(comparing, (outcome) => flags(outcome.by_log));
  if (comparing.expected.by_log === undefined) return;
  const actual = flags(comparing.actual.by_log);
  const rules = { comparing, scenario, field: 'by_log' };
  if (sameCounts(rules, { recorded, actual })) return;
  const expected = flags(comparing.expected.by_log);
  comparing.comparison.fail(2, 'by_log (flags)', { expected, actual });
}

function compareSequences(comparing: Comparing, scenario: Scenario): void {
  const { comparison, request, expected, actual, choice } = comparing;
  if (expected.backend_sequence === undefined || choice.hashOfRandomPorts) return;
  const endpoints = scenario.backends.length;
  const check = (field: 'backend_sequence' | 'status_sequence'): void => {
    const got = actual[field] ?? [];
    const runs = runsOf(comparing, (outcome) => outcome[field]);
    const same = runs.some(
      (run) =>
        sameUpToStart(run, got, endpoints) ||
        (field === 'backend_sequence' && sameUpToRotation(run.map(String), got.map(String))),
    );
    // Other starts of round robin make sequences that no rotation explains: counts stand for them.
    if (same || request.unstable?.includes(field) === true) return;
    comparison.fail(1, field, { expected: expected[field], actual: got });
  };
  check('backend_sequence');
  check('status_sequence');
}

/** The share of requests that the machine may hold up. */
const heldUpShare = 0.01;

/** A bucket more or less for each request is no difference. */
function compareHistogram(comparing: Comparing): void {
  const { comparison, request } = comparing;
  if (comparing.expected.elapsed_ms_histogram === undefined) return;
  const recorded = runsOf(comparing, (outcome) => outcome.elapsed_ms_histogram);
  const actual = comparing.actual.elapsed_ms_histogram ?? {};
  const times = sortedTimes(actual);
  const near = recorded.some((counts) => {
    const wanted = sortedTimes(counts);
    const off = wanted.filter((time, index) => Math.abs(time - (times[index] ?? 0)) > 100);
    return wanted.length === times.length && off.length <= wanted.length * heldUpShare;
  });
  if (near) return;
  // A delay that strikes by chance may by chance have struck as often in both recorded runs.
  const random = request.unstable !== undefined;
  if (random && countsPlausible(recorded.map(coarse), coarse(actual))) return;
  const expected = comparing.expected.elapsed_ms_histogram;
  comparison.fail(2, 'elapsed_ms_histogram', { expected, actual });
}

function sortedTimes(counts: Counts): number[] {
  return Object.entries(counts)
    .flatMap(([time, count]) => new Array<number>(count).fill(Number(time)))
    .sort((a, b) => a - b);
}

/** Fast and slow only: a random delay happened or did not. */
function coarse(counts: Counts): Counts {
  const merged: Record<string, number> = {};
  for (const [time, count] of Object.entries(counts)) {
    const key = Number(time) <= 100 ? 'fast' : 'slow';
    merged[key] = (merged[key] ?? 0) + count;
  }
  return merged;
}

function runsOf<T>(comparing: Comparing, pick: (outcome: Outcome) => T | undefined): T[] {
  const runs = [comparing.expected, comparing.request.outcome_second_run];
  return runs
    .map((outcome) => (outcome === undefined ? undefined : pick(outcome)))
    .filter((value): value is T & NonNullable<T> => value !== undefined);
}

function countsEqual(a: Counts, b: Counts): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => (a[key] ?? 0) === (b[key] ?? 0));
}

function isRoundRobin(scenario: Scenario): boolean {
  return /\bROUND_ROBIN\b/.test(scenario.config) && scenario.backends.length > 1;
}
