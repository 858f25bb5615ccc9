/**
 * All variants, started anew and pinned to one core, each loaded by a wrk of its own from the other
 * core. The loads take turns of 40 ms, so that what else happens on the machine hits all variants
 * alike and each has the caches of the core for itself. They never end in between: that breaks
 * requests off, after which V8 compiles much of their path once more.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { authority, measuredPath, responseBody } from '../peers/policy.ts';
import { LoadTurns } from '../support/load-turns.ts';
import { type PinnedProcess, startPinned } from '../support/pinned-process.ts';
import { cpuSeconds, writeCalls } from '../support/process-stats.ts';
import { runLoad } from '../support/wrk.ts';
import { type PreparedVariant, prepareVariant, variants, verifyTelling } from './variant.ts';

const proxyCore = 0;
export const loadCore = 1;
const connections = 64;
/**
 * Seconds of load for each variant before anything is measured. V8 compiles what runs for one
 * request in a hundred last.
 */
const warmUpSeconds = 40;
const slices = 4;
/** By which a load goes on when all is measured. */
const restSeconds = 5;

/** Microseconds of CPU time for a request, by variant. */
export type Costs = readonly number[];

export interface RoundOptions {
  readonly folder: string;
  /** Of load that is measured, for each variant. */
  readonly seconds: number;
  /** Told what is done and what it has come to. */
  readonly onProgress: (text: string) => void;
}

export async function measureRound(options: RoundOptions): Promise<Costs> {
  const folder = mkdtempSync(join(options.folder, 'round-'));
  const started: StartedVariant[] = [];
  try {
    for (const variant of variants) {
      const prepared = prepareVariant(variant, folder);
      const process = await startPinned(proxyCore, prepared.command, prepared.proxyPort);
      started.push({ ...prepared, process });
    }
    const costs = await load(started, folder, options);
    for (const variant of started) await verifyTelling(variant);
    return costs;
  } finally {
    for (const { process } of started) await process.stop();
    // Access logs of millions of requests.
    rmSync(folder, { recursive: true, force: true });
  }
}

interface StartedVariant extends PreparedVariant {
  readonly process: PinnedProcess;
}

interface LoadedVariant extends StartedVariant {
  /** The pid of its wrk. */
  readonly wrk: number;
}

async function load(
  started: readonly StartedVariant[],
  folder: string,
  { seconds, onProgress }: RoundOptions,
): Promise<Costs> {
  const turns = new LoadTurns(started.length);
  const loaded: LoadedVariant[] = [];
  const loads = started.map((variant) =>
    runLoad({
      port: variant.proxyPort,
      connections,
      seconds: (warmUpSeconds + seconds) * started.length + restSeconds,
      requestsFile: requestsFile(folder),
      expectedBody: responseBody,
      core: loadCore,
      onStart: (wrk) => {
        loaded.push({ ...variant, wrk });
        turns.add(wrk);
      },
    }),
  );
  const measuring = measureSlices(loaded, seconds, onProgress).finally(() => turns.end());
  try {
    const [costs] = await Promise.all([measuring, ...loads]);
    return costs;
  } finally {
    // One that has failed ends the others.
    turns.end();
  }
}

function requestsFile(folder: string): string {
  const file = join(folder, 'requests.txt');
  writeFileSync(file, `${authority} ${measuredPath}\n`);
  return file;
}

/** What a variant has done so far. */
interface Work {
  readonly cpuSeconds: number;
  readonly requests: number;
}

async function measureSlices(
  loaded: readonly LoadedVariant[],
  seconds: number,
  onProgress: RoundOptions['onProgress'],
): Promise<Costs> {
  onProgress(`warming up for ${warmUpSeconds * loaded.length} s`);
  await pause(warmUpSeconds * loaded.length * 1000);
  const before = loaded.map(workOf);
  let last = before;
  for (let slice = 1; slice <= slices; slice++) {
    await pause((seconds * loaded.length * 1000) / slices);
    const now = loaded.map(workOf);
    onProgress(describeCosts(costsOf(last, now)));
    last = now;
  }
  return costsOf(before, last);
}

function workOf({ process, wrk }: LoadedVariant): Work {
  return { cpuSeconds: cpuSeconds(process.pid), requests: writeCalls(wrk) };
}

function costsOf(before: readonly Work[], after: readonly Work[]): Costs {
  return after.map(({ cpuSeconds, requests }, index) => {
    const earlier = before[index] as Work;
    const us = ((cpuSeconds - earlier.cpuSeconds) / (requests - earlier.requests)) * 1e6;
    if (us > 0 && Number.isFinite(us)) return us;
    throw new Error(`${variants[index]?.name}: its processes cannot be read, or have ended`);
  });
}

export function describeCosts(costs: Costs): string {
  return ratiosOf(costs)
    .map((ratio, index) => `${variants[index + 1]?.name} ${ratio.toFixed(3)}`)
    .join('  ');
}

/** Of all variants but the first one, to that. */
export function ratiosOf([nothing = Number.NaN, ...others]: Costs): readonly number[] {
  return others.map((us) => us / nothing);
}
