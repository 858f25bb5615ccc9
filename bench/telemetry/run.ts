/**
 * CPU time for each proxied request that metrics, access log and tracing cost, by themselves and
 * together, as multiples of a proxy that tells nothing.
 *
 * In each round all variants are started anew, pinned to one core. Each is loaded together with the
 * proxy that tells nothing, until both are warm and then while it is measured, by two wrk on the
 * other core: the two take turns of 40 ms, so that what else happens on the machine hits both alike
 * and each has the caches of the core for itself. (One after the other, in slices of seconds, the
 * same proxy differed from itself by up to 12 %.) Ratios are taken within such a pair.
 * Run: npm run bench:telemetry -- [--rounds 5] [--seconds 6]
 * Results are in bench/results/telemetry.json.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endpointsCommand } from '../peers/endpoints.ts';
import { authority, endpointPorts, measuredPath, responseBody } from '../peers/policy.ts';
import { findCommand } from '../support/find-command.ts';
import { keepAwake } from '../support/keep-awake.ts';
import { LoadTurns } from '../support/load-turns.ts';
import { median } from '../support/median.ts';
import { canPin, type PinnedProcess, startPinned } from '../support/pinned-process.ts';
import { cpuSeconds } from '../support/process-stats.ts';
import { runLoad } from '../support/wrk.ts';
import {
  type PreparedVariant,
  prepareVariant,
  sinkPort,
  type Variant,
  variants,
  verifyTelling,
} from './variant.ts';

const proxyCore = 0;
const loadCore = 1;
const connections = 64;
/** Those that run beside the first one. */
const compared = variants.slice(1);
/**
 * V8 needs half a minute of load to compile all that a request with telemetry runs through; what
 * tracing does is done for one in a hundred (measured). The end of a load breaks requests off,
 * after which V8 compiles much of that once more, the first time.
 */
const warmUpSeconds = [10, 10, 30];

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
  },
});

const missing = ['wrk', 'nginx'].filter((name) => findCommand(name) === null);
if (missing.length > 0) {
  console.log(`bench:telemetry skipped: install ${missing.join(', ')}`);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Pair {
  /** Microseconds of CPU time for a request. */
  readonly us: number;
  /** The same of the proxy that tells nothing, at the same time. */
  readonly nothingUs: number;
}

/** By variant, without the one that the others are compared with. */
type Round = readonly Pair[];

async function run(folder: string): Promise<void> {
  if (!canPin) console.log('not pinned: taskset or a second core is missing; expect noise');
  const endAwake = keepAwake();
  const [endpointPort = 0] = endpointPorts.v1;
  const endpoints = await startPinned(loadCore, endpointsCommand(folder), endpointPort);
  try {
    const sinkCommand = [process.execPath, join(import.meta.dirname, 'otlp-sink.ts')];
    const sink = await startPinned(loadCore, [...sinkCommand, String(sinkPort)], sinkPort);
    try {
      const rounds: Round[] = [];
      for (let round = 1; round <= Number(options.rounds); round++) {
        const measured = await measureRound(folder);
        const shown = measured.map(
          (pair, index) => `${compared[index]?.name} ${ratioOf(pair).toFixed(3)}`,
        );
        console.log(`round ${round}  ${shown.join('  ')}`);
        rounds.push(measured);
      }
      report(rounds);
    } finally {
      await sink.stop();
    }
  } finally {
    await endpoints.stop();
    endAwake();
  }
}

interface RunningVariant extends PreparedVariant {
  readonly process: PinnedProcess;
}

async function measureRound(folder: string): Promise<Round> {
  const roundFolder = mkdtempSync(join(folder, 'round-'));
  const [silent, ...telling] = variants as [Variant, ...Variant[]];
  const nothing = await start(silent, roundFolder);
  try {
    const spansBefore = await sinkRequests();
    const pairs: Pair[] = [];
    for (const variant of telling) pairs.push(await measureBeside(nothing, variant, roundFolder));
    await verifyTelling(nothing);
    if ((await sinkRequests()) === spansBefore) throw new Error('no span came to the collector');
    return pairs;
  } finally {
    await nothing.process.stop();
    // Access logs of millions of requests.
    rmSync(roundFolder, { recursive: true, force: true });
  }
}

async function start(variant: Variant, folder: string): Promise<RunningVariant> {
  const prepared = prepareVariant(variant, folder);
  const process = await startPinned(proxyCore, prepared.command, prepared.proxyPort);
  return { ...prepared, process };
}

/** Both are warm when they are measured: a proxy that has been idle for minutes is not. */
async function measureBeside(
  nothing: RunningVariant,
  variant: Variant,
  folder: string,
): Promise<Pair> {
  const other = await start(variant, folder);
  try {
    for (const seconds of warmUpSeconds) {
      const turns = new LoadTurns(2);
      const loads = [nothing, other].map((each) => load(each, folder, seconds, turns));
      await takeTurns(turns, seconds, loads);
    }
    const pair = await measurePair(nothing, other, folder);
    await verifyTelling(other);
    return pair;
  } finally {
    await other.process.stop();
  }
}

async function measurePair(
  nothing: RunningVariant,
  other: RunningVariant,
  folder: string,
): Promise<Pair> {
  const seconds = Number(options.seconds);
  const turns = new LoadTurns(2);
  const costOf = async (variant: RunningVariant): Promise<number> => {
    const before = cpuSeconds(variant.process.pid);
    const requests = await load(variant, folder, seconds, turns);
    return ((cpuSeconds(variant.process.pid) - before) / requests) * 1e6;
  };
  const measured = [costOf(nothing), costOf(other)] as const;
  const [nothingUs, us] = await takeTurns(turns, seconds, measured);
  return { us, nothingUs };
}

async function takeTurns<Loads extends readonly Promise<unknown>[]>(
  turns: LoadTurns,
  seconds: number,
  loads: Loads,
): Promise<{ -readonly [I in keyof Loads]: Awaited<Loads[I]> }> {
  try {
    const [results] = await Promise.all([Promise.all(loads), turns.endAfter(seconds)]);
    return results;
  } finally {
    turns.end();
  }
}

function ratioOf({ us, nothingUs }: Pair): number {
  return us / nothingUs;
}

async function load(
  variant: PreparedVariant,
  folder: string,
  seconds: number,
  turns: LoadTurns,
): Promise<number> {
  const requestsFile = join(folder, `requests-${variant.proxyPort}.txt`);
  writeFileSync(requestsFile, `${authority} ${measuredPath}\n`);
  const { requests } = await runLoad({
    port: variant.proxyPort,
    connections,
    seconds,
    requestsFile,
    expectedBody: responseBody,
    core: loadCore,
    onStart: (pid) => turns.add(pid),
  });
  return requests;
}

async function sinkRequests(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${sinkPort}`);
  return ((await response.json()) as { requests: number }).requests;
}

function report(rounds: readonly Round[]): void {
  const summaries = compared.map(({ name, bar }, index) => {
    const pairs = rounds.flatMap((round) => round[index] ?? []);
    const ratios = pairs.map(ratioOf);
    return { name, bar, cpuUs: pairs.map(({ us }) => us), ratios, ratio: median(ratios) };
  });
  console.log('\n| on | CPU/request, nothing = 1 | spread | bar | µs CPU/request |');
  console.log('|---|---|---|---|---|');
  for (const { name, bar, cpuUs, ratios, ratio } of summaries) {
    const spread = `${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}`;
    const limit = bar === 1 ? '' : `${bar.toFixed(2)}${ratio > bar ? ', missed' : ''}`;
    const cells = [name, ratio.toFixed(3), spread, limit, median(cpuUs).toFixed(2)];
    console.log(`| ${cells.join(' | ')} |`);
  }
  const results = join(import.meta.dirname, '../results');
  mkdirSync(results, { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, pinned: canPin };
  const result = { machine, node: process.version, options, summaries };
  writeFileSync(join(results, 'telemetry.json'), `${JSON.stringify(result, null, 2)}\n`);
}
