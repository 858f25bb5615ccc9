/** What the answers before and during an attack come to, and whether that is good enough. */

import { type Answer, isGood, type Way, ways } from './answer.ts';
import type { CoreUse } from './core-time.ts';

/** Least share of good answers during an attack, percent. */
export const requiredPercent = 99.9;
/** p99 during an attack over p99 before it. */
export const allowedRatio = 3;
/** So much may the live heap have grown when an attack is over, MiB: caches and code among it. */
export const allowedHeapMiB = 8;

/** More of the proxy's core, and it is others that are measured: the attack is repeated. */
export const allowedOthersCpu = 0.05;

/** A client that is later than this measures the machine, and not the proxy. */
const lateMsMax = 10;

/** Waits in milliseconds. */
export interface Service {
  readonly requests: number;
  readonly successPercent: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly p99MsByWay: Readonly<Record<Way, number>>;
  /** p99 of how much later than due the client sent: large where the machine is too busy. */
  readonly lateMs: number;
  /** Answers that were not good, by what they were instead. */
  readonly failures: Readonly<Record<string, number>>;
}

/** A time under load, with an attack or without. */
export interface Period extends Service, CoreUse {
  /** Open to the proxy halfway, those of the client among them. */
  readonly connections: number;
}

export interface Outcome {
  readonly attack: string;
  readonly note: string;
  readonly calm: Period;
  readonly attacked: Period;
  /** What the attacker says. */
  readonly attacker: string;
  /** What was not given back in time; null: everything. */
  readonly leftOver: string | null;
  /** Growth of the live heap. */
  readonly heapMiB: number;
}

export interface Skipped {
  readonly attack: string;
  readonly reason: string;
}

export function summarize(answers: readonly Answer[]): Service {
  const waits = answers.map(({ waitMs }) => waitMs);
  const failures: Record<string, number> = {};
  for (const answer of answers) {
    if (isGood(answer)) continue;
    const name = `${answer.way}: ${answer.outcome}`;
    failures[name] = (failures[name] ?? 0) + 1;
  }
  return {
    requests: answers.length,
    successPercent: (100 * answers.filter(isGood).length) / answers.length,
    p50Ms: quantile(waits, 0.5),
    p99Ms: quantile(waits, 0.99),
    maxMs: quantile(waits, 1),
    p99MsByWay: p99MsByWay(answers),
    lateMs: quantile(
      answers.map(({ lateMs }) => lateMs),
      0.99,
    ),
    failures,
  };
}

function p99MsByWay(answers: readonly Answer[]): Record<Way, number> {
  const entries = ways.map((way) => {
    const waits = answers.filter((answer) => answer.way === way).map(({ waitMs }) => waitMs);
    return [way, quantile(waits, 0.99)];
  });
  return Object.fromEntries(entries);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}

/** What others have had of the proxy's core, in the calm time or the attack, whichever is more. */
export function othersCpu({ calm, attacked }: Outcome): number {
  return Math.max(calm.othersCpu, attacked.othersCpu);
}

export function isDisturbed(outcome: Outcome): boolean {
  return othersCpu(outcome) > allowedOthersCpu;
}

/** What is not good enough; empty: nothing. */
export function shortfalls(outcome: Outcome): string[] {
  const { attacked, calm, leftOver, heapMiB } = outcome;
  const found: string[] = [];
  if (!(attacked.successPercent >= requiredPercent)) {
    const failures = JSON.stringify(attacked.failures);
    found.push(`${attacked.successPercent.toFixed(2)} % of the requests succeeded: ${failures}`);
  }
  if (!(attacked.p99Ms <= allowedRatio * calm.p99Ms)) {
    const [during, before] = [attacked.p99Ms.toFixed(1), calm.p99Ms.toFixed(1)];
    const isBusy = attacked.lateMs > lateMsMax;
    const busy = isBusy
      ? `; the client was ${attacked.lateMs.toFixed(0)} ms late: busy machine`
      : '';
    found.push(`p99 ${during} ms, calm ${before} ms${busy}`);
  }
  if (leftOver !== null) found.push(`left over: ${leftOver}`);
  if (!(heapMiB <= allowedHeapMiB)) found.push(`the heap has grown by ${heapMiB.toFixed(1)} MiB`);
  return found;
}

const columns = [
  ['attack', 24],
  ['success', 9],
  ['calm p99', 9],
  ['p99 ms', 8],
  ['ratio', 6],
  ['max ms', 8],
  ['late ms', 8],
  ['CPU', 5],
  ['others', 6],
  ['open', 5],
  ['heap MiB', 9],
  ['', 0],
] as const;

export function renderHeading(): string {
  return line(columns.map(([title]) => title));
}

export function renderRow(outcome: Outcome): string {
  const { attack, calm, attacked, heapMiB } = outcome;
  const missed = shortfalls(outcome);
  return line([
    attack,
    `${attacked.successPercent.toFixed(2)}%`,
    calm.p99Ms.toFixed(1),
    attacked.p99Ms.toFixed(1),
    (attacked.p99Ms / calm.p99Ms).toFixed(1),
    attacked.maxMs.toFixed(0),
    attacked.lateMs.toFixed(1),
    attacked.proxyCpu.toFixed(2),
    othersCpu(outcome).toFixed(2),
    String(attacked.connections),
    heapMiB.toFixed(1),
    (missed.length === 0 ? 'ok' : `FAILED ${missed.join('; ')}`) +
      (isDisturbed(outcome) ? ' (disturbed)' : ''),
  ]);
}

/** The first column to the left, numbers to the right. */
function line(cells: readonly string[]): string {
  return cells
    .map((cell, i) => {
      const width = columns[i]?.[1] ?? 0;
      return i === 0 ? cell.padEnd(width) : cell.padStart(width);
    })
    .join(' ')
    .trimEnd();
}
