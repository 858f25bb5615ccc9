/** What is open and alive when nobody asks for anything. */

import { setTimeout as pause } from 'node:timers/promises';
import type { LivingObjects } from './proxy-probe.ts';
import type { SoakEndpoint } from './soak-endpoint.ts';
import type { SoakProxy } from './soak-proxy.ts';

/** What must be the same before and after. */
export interface Quiet {
  readonly tcpSockets: readonly string[];
  readonly openFiles: readonly string[];
  readonly living: LivingObjects;
  readonly active: Readonly<Record<string, number>>;
}

/** How much longer than it is looked at something may still be open, milliseconds. */
const longestMs = 10_000;

const gauges = [
  ...['downstream_rq_active', 'downstream_cx_active', 'upstream_rq_active'],
  ...['upstream_rq_pending_active', 'upstream_cx_active'],
];

export interface QuietOptions {
  readonly endpoints: readonly SoakEndpoint[];
  readonly ms: number;
  /** What was there before: it is looked at longer as long as there is more. */
  readonly before?: Quiet;
}

/** What is there at each look is held: a check of health is not, nor what is being closed. */
export async function watchQuiet(
  proxy: SoakProxy,
  { endpoints, ms, before }: QuietOptions,
): Promise<Quiet> {
  let quiet: Quiet | null = null;
  const enough = performance.now() + ms;
  for (let look = 0; ; look++) {
    for (const endpoint of endpoints) endpoint.closeIdle(0);
    // Not in step with what the proxy does each second.
    await pause(400 + 37 * (look % 8));
    // The connection on which the admin API is asked would count: it is asked last.
    const open = { tcpSockets: proxy.tcpSockets(), openFiles: proxy.openFiles() };
    const living = await proxy.count();
    const active = await proxy.sumOfGauges(gauges);
    const now = { ...open, living, active };
    quiet = quiet === null ? now : held(quiet, now);
    const isOver = Object.values(active).every((value) => value === 0);
    const isLike = before === undefined || isNoMore(quiet, before);
    if (performance.now() > enough + (isOver && isLike ? 0 : longestMs)) return quiet;
  }
}

function isNoMore(one: Quiet, other: Quiet): boolean {
  return (
    one.tcpSockets.length <= other.tcpSockets.length &&
    one.openFiles.length <= other.openFiles.length &&
    Object.entries(one.living).every(([name, count]) => count <= (other.living[name] ?? 0))
  );
}

function held(one: Quiet, other: Quiet): Quiet {
  return {
    tcpSockets: one.tcpSockets.filter((socket) => other.tcpSockets.includes(socket)),
    openFiles: one.openFiles.filter((file) => other.openFiles.includes(file)),
    living: lower(one.living, other.living),
    active: lower(one.active, other.active),
  };
}

type Counts = Readonly<Record<string, number>>;

function lower(one: Counts, other: Counts): Counts {
  return Object.fromEntries(
    Object.entries(other).map(([key, count]) => [key, Math.min(one[key] ?? Infinity, count)]),
  );
}
