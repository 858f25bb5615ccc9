/** What the answers come to, and whether that is good enough. */

import type { FailureKind } from './failure-plan.ts';
import type { Answer } from './open-loop.ts';
import { retries } from './policy.ts';
import type { ProxyCounts } from './proxy.ts';

export interface Outcome extends ProxyCounts {
  readonly kind: FailureKind;
  readonly proxy: string;
  readonly requests: number;
  /** Share of 200 among the requests due in the first interval of the failure, percent. */
  readonly firstIntervalPercent: number;
  /** The same for all requests due after it. */
  readonly afterwardsPercent: number;
  /** Waits of the requests due from the failure on, milliseconds. */
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The latest that a request was sent after it was due: large on a busy machine, milliseconds. */
  readonly lateMs: number;
  /** Requests that waited longer than the route's timeout. */
  readonly overTimeout: number;
  /** Answers after the first interval that were not 200, by status; 0 is a failed connection. */
  readonly failures: Readonly<Record<string, number>>;
}

export interface Windows {
  /** When the endpoints begin to fail, milliseconds since the start of the load. */
  readonly failureMs: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** A timer is allowed to be so much late, milliseconds: the timeout's own answer is no overrun. */
const graceMs = 50;
/** Endpoints share the client's process: late by so much, they look as if they hang. */
const busyMs = retries.perTryTimeoutMs / 2;
/** Least share of 200 after the first interval, percent. */
export const requiredPercent = 99.9;

export function summarize(
  answers: readonly Answer[],
  windows: Windows,
): Omit<Outcome, 'kind' | 'proxy' | keyof ProxyCounts> {
  const detectedMs = windows.failureMs + windows.intervalMs;
  const failing = answers.filter(({ dueMs }) => dueMs >= windows.failureMs);
  const afterwards = failing.filter(({ dueMs }) => dueMs >= detectedMs);
  const waits = failing.map(({ waitMs }) => waitMs).sort((a, b) => a - b);
  const failures: Record<string, number> = {};
  for (const { status } of afterwards) {
    if (status !== 200) failures[status] = (failures[status] ?? 0) + 1;
  }
  return {
    requests: answers.length,
    firstIntervalPercent: successPercent(failing.filter(({ dueMs }) => dueMs < detectedMs)),
    afterwardsPercent: successPercent(afterwards),
    p99Ms: waits[Math.ceil(waits.length * 0.99) - 1] ?? Number.NaN,
    maxMs: waits.at(-1) ?? Number.NaN,
    lateMs: answers.reduce((latest, { lateMs }) => Math.max(latest, lateMs), 0),
    overTimeout: answers.filter(({ waitMs }) => waitMs > windows.timeoutMs + graceMs).length,
    failures,
  };
}

function successPercent(answers: readonly Answer[]): number {
  if (answers.length === 0) return Number.NaN;
  return (100 * answers.filter(({ status }) => status === 200).length) / answers.length;
}

/** What is not good enough, or null. */
export function shortfall(outcome: Outcome): string | null {
  const { afterwardsPercent, overTimeout, lateMs } = outcome;
  const busy =
    lateMs < busyMs ? '' : ` (the load came up to ${lateMs.toFixed(0)} ms late: machine too busy)`;
  if (!(afterwardsPercent >= requiredPercent)) {
    const failures = JSON.stringify(outcome.failures);
    return `${afterwardsPercent.toFixed(2)} % of the later requests succeeded: ${failures}${busy}`;
  }
  if (overTimeout > 0) return `${overTimeout} requests waited longer than their timeout${busy}`;
  return null;
}

export function renderTable(outcomes: readonly Outcome[]): string {
  const lines = [
    '| failure | proxy | requests | first interval | afterwards | p99 ms | max ms | load late ms | over timeout | retries | ejections |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
  ];
  for (const each of outcomes) {
    const cells = [
      each.kind,
      each.proxy,
      each.requests,
      `${each.firstIntervalPercent.toFixed(2)} %`,
      `${each.afterwardsPercent.toFixed(2)} %`,
      each.p99Ms.toFixed(0),
      each.maxMs.toFixed(0),
      each.lateMs.toFixed(0),
      each.overTimeout,
      each.retries,
      each.ejections,
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}
