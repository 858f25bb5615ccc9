/**
 * CPU time for each proxied request that metrics, access log and tracing cost, by themselves and
 * together, as multiples of a proxy that tells nothing. A round is one run in which all of them
 * take turns (round.ts); one of six minutes differs from the next by a per cent or two.
 * Run: npm run bench:telemetry -- [--rounds 3] [--seconds 16]
 * Results are in bench/results/telemetry.json.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endpointsCommand } from '../peers/endpoints.ts';
import { endpointPorts } from '../peers/policy.ts';
import { beforeExit } from '../support/before-exit.ts';
import { findCommand } from '../support/find-command.ts';
import { keepAwake } from '../support/keep-awake.ts';
import { median } from '../support/median.ts';
import { canPin, startPinned } from '../support/pinned-process.ts';
import { type Costs, describeCosts, loadCore, measureRound, ratiosOf } from './round.ts';
import { sinkPort, variants } from './variant.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    /** Of load for each variant that are measured in a round. */
    seconds: { type: 'string', default: '16' },
  },
});

const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const missing = ['wrk', 'nginx'].filter((name) => findCommand(name) === null);
if (![rounds, seconds].every((value) => Number.isInteger(value) && value > 0)) {
  console.error('--rounds, --seconds: whole numbers from 1 on');
  process.exitCode = 2;
} else if (missing.length > 0) {
  console.log(`bench:telemetry skipped: install ${missing.join(', ')}`);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  beforeExit(() => rmSync(folder, { recursive: true, force: true }));
  await run(folder);
}

async function run(folder: string): Promise<void> {
  if (!canPin) console.log('not pinned: taskset or a second core is missing; expect noise');
  const endAwake = keepAwake();
  const [endpointPort = 0] = endpointPorts.v1;
  const endpoints = await startPinned(loadCore, endpointsCommand(folder), endpointPort);
  try {
    const sinkCommand = [process.execPath, join(import.meta.dirname, 'otlp-sink.ts')];
    const sink = await startPinned(loadCore, [...sinkCommand, String(sinkPort)], sinkPort);
    try {
      report(await measureRounds(folder));
    } finally {
      await sink.stop();
    }
  } finally {
    await endpoints.stop();
    endAwake();
  }
}

async function measureRounds(folder: string): Promise<readonly Costs[]> {
  const measured: Costs[] = [];
  for (let round = 1; round <= rounds; round++) {
    const spansBefore = await sinkRequests();
    const costs = await measureRound({
      folder,
      seconds,
      onProgress: (text) => console.log(`  ${text}`),
    });
    if ((await sinkRequests()) === spansBefore) throw new Error('no span came to the collector');
    console.log(`round ${round}  ${describeCosts(costs)}`);
    measured.push(costs);
  }
  return measured;
}

async function sinkRequests(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${sinkPort}`);
  return ((await response.json()) as { requests: number }).requests;
}

function report(measured: readonly Costs[]): void {
  const summaries = variants.slice(1).map(({ name, bar }, index) => {
    const ratios = measured.map((costs) => ratiosOf(costs)[index] ?? Number.NaN);
    const cpuUs = measured.map((costs) => costs[index + 1] ?? Number.NaN);
    return { name, bar, cpuUs, ratios, ratio: median(ratios) };
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
