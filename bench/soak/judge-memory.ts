/**
 * Whether memory leaks. Judged is what is in use once the garbage has been collected: the heap,
 * what V8 counts outside of it, what the allocator of the C library has given out, and the whole
 * process when the allocator has returned its free pages.
 *
 * Resident memory alone does not tell. Between two collections V8 lets 40 to 100 MiB of garbage
 * stand, as it pleases; a burst of connections leaves free memory between what is in use, which
 * the allocator keeps (its arenas grow by steps and never shrink from the middle); code is
 * compiled later than it was called first. All of that ends at a height which depends on the worst
 * moment so far, and until it has been reached it looks like growth. What is in use does not.
 */

import { median } from '../support/median.ts';
import type { Judgement } from './judge.ts';
import type { MemorySample } from './soak.ts';
import { mib } from './text.ts';
import { type Point, trendOf } from './trend.ts';

/**
 * The last two thirds of 10 minutes are 80 reloads and, at 10,000 requests a second, 40,000 clients
 * that leave. A configuration of the soak that is kept takes above 100 KiB, so 8 MiB by the end;
 * 100 bytes for each client that leaves are 4 MiB. Samples scatter by 2 MiB.
 */
const inUse = { bytes: 3 * 1024 * 1024, share: 0.03 };

/** Pages that are partly in use stay; a leak of the above for each request goes beyond. */
const residentGrowth = { bytes: 12 * 1024 * 1024, share: 0.05 };

/** A connection takes some KiB. After a standstill of the machine there are many for some seconds. */
const mostSockets = 2;

interface Allowed {
  readonly bytes: number;
  readonly share: number;
}

export function judgeMemory(samples: readonly MemorySample[]): readonly Judgement[] {
  const usual = median(samples.map(({ sockets }) => sockets));
  const calm = samples.filter(({ sockets }) => sockets <= mostSockets * usual);
  const points = (of: (sample: MemorySample) => number): Point[] =>
    calm.map((sample) => ({ at: sample.at, value: of(sample) }));
  const hasMalloc = calm.every(({ malloc }) => malloc !== null);
  const mallocPoints = points(({ malloc }) => malloc ?? 0);
  return [
    judgeGrowth(
      'heap after collection',
      points(({ heap }) => heap),
    ),
    judgeGrowth(
      'memory outside the heap',
      points(({ external }) => external),
    ),
    ...(hasMalloc ? [judgeGrowth('memory of malloc', mallocPoints)] : []),
    judgeFloor(
      'resident memory after collection',
      points(({ resident }) => resident),
    ),
  ];
}

/**
 * The first third is warming up. Behind it the line of the least squares must not rise by more
 * than is allowed, and that must be sure: growth that is too unsteady to be told is no success.
 */
function judgeGrowth(name: string, points: readonly Point[]): Judgement {
  const thirds = thirdsOf(points);
  const trend = thirds === null ? null : trendOf([...thirds[1], ...thirds[2]]);
  if (thirds === null || trend === null) return tooFew(name, points);
  const means = thirds.map(meanOf);
  const most = allowed(inUse, means[1] ?? 0);
  const grew = `${signed(trend.growth)} ± ${mib(trend.error)} behind the first third`;
  const text = `${means.map(mib).join(', ')} by thirds; ${grew}, at most + ${mib(most)}`;
  return { name, ok: trend.growth + trend.error <= most, text };
}

/** V8 does not return all pages each time: the lowest of many samples is nearest to what is held. */
function judgeFloor(name: string, points: readonly Point[]): Judgement {
  const thirds = thirdsOf(points);
  if (thirds === null) return tooFew(name, points);
  const [first, second, last] = thirds.map((third) =>
    Math.min(...third.map(({ value }) => value)),
  ) as [number, number, number];
  const most = allowed(residentGrowth, second);
  const lowest = [first, second, last].map(mib).join(', ');
  const text = `at least ${lowest} in each third; at most + ${mib(most)} in the last`;
  return { name, ok: last - second <= most, text };
}

type Thirds = readonly [readonly Point[], readonly Point[], readonly Point[]];

function thirdsOf(points: readonly Point[]): Thirds | null {
  const third = Math.floor(points.length / 3);
  if (third < 2) return null;
  return [points.slice(0, third), points.slice(third, -third), points.slice(-third)];
}

function tooFew(name: string, points: readonly Point[]): Judgement {
  return { name, ok: false, text: `${points.length} samples are too few` };
}

function allowed({ bytes, share }: Allowed, before: number): number {
  return Math.max(bytes, share * before);
}

function meanOf(points: readonly Point[]): number {
  return points.reduce((sum, { value }) => sum + value, 0) / points.length;
}

function signed(bytes: number): string {
  return bytes < 0 ? `- ${mib(-bytes)}` : `+ ${mib(bytes)}`;
}
