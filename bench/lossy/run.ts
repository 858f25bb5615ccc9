/**
 * Two of five endpoints fail under a constant load: how many requests succeed, and how long the
 * slowest waits, through sluice and through Envoy. Run: npm run bench:lossy -- --help
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from '../support/command.ts';
import { startPinned } from '../support/pinned-process.ts';
import { envoyProxy } from './envoy.ts';
import { FailingEndpoint } from './failing-endpoint.ts';
import { type FailureKind, failureKinds, failureNotes, runFailures } from './failure-plan.ts';
import { openLoop } from './open-loop.ts';
import {
  adminPort,
  authority,
  endpointPorts,
  failingCount,
  outlierDetection,
  proxyPort,
  retries,
  timeoutMs,
} from './policy.ts';
import { type LossyProxy, readCounts } from './proxy.ts';
import { type Outcome, renderTable, requiredPercent, shortfall, summarize } from './report.ts';
import { sluiceProxy } from './sluice.ts';

const usage = `usage: npm run bench:lossy -- [options]
  --seconds N    load of each run, the first second with healthy endpoints; default 10
  --rps N        requests a second, at a constant rate; default 500
  --only KINDS   kinds of failure, separated by commas: ${failureKinds.join(', ')}
  --peers NAMES  sluice, envoy; default both, where installed
  --main PATH    entry point of sluice; default dist/main.js
  --output PATH  file for the results as JSON; default bench/results/lossy.json

${failureKinds.map((kind) => `  ${kind.padEnd(10)} ${failureNotes[kind]}`).join('\n')}

Exits with 1 when less than ${requiredPercent} % of the requests to sluice succeed after the first
interval of outlier detection, or one waits longer than its timeout of ${timeoutMs} ms; with 2 on
wrong usage.`;

const proxyCore = 0;
/** Healthy load before the failure, milliseconds: connections are there, code is warm. */
const healthyMs = 1_000;

process.exitCode = await runCommand({ usage, read: readOptions, run: main });

interface Options {
  readonly seconds: number;
  readonly rps: number;
  readonly kinds: readonly FailureKind[];
  readonly proxies: readonly LossyProxy[];
  readonly output: string;
}

async function main(options: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lossy-'));
  try {
    const outcomes = await measureAll(options, folder);
    return report(options, outcomes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readOptions(): Options | string | null {
  const root = join(import.meta.dirname, '../..');
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      rps: { type: 'string', default: '500' },
      only: { type: 'string', default: failureKinds.join(',') },
      peers: { type: 'string', default: 'sluice,envoy' },
      main: { type: 'string', default: join(root, 'dist/main.js') },
      output: { type: 'string', default: join(root, 'bench/results/lossy.json') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const seconds = Number(values.seconds);
  const rps = Number(values.rps);
  const leastSeconds = (healthyMs + outlierDetection.intervalMs) / 1000 + 1;
  if (!(seconds >= leastSeconds)) return `--seconds: a number from ${leastSeconds} on`;
  if (!(rps > 0)) return '--rps: a number above 0';
  const names = values.only.split(',');
  const kinds = failureKinds.filter((kind) => names.includes(kind));
  if (kinds.length !== names.length) return `--only: some of ${failureKinds.join(', ')}`;
  const peers = values.peers.split(',');
  const known = [sluiceProxy(resolve(values.main)), envoyProxy];
  const proxies = known.filter(({ name }) => peers.includes(name));
  if (proxies.length !== peers.length) return '--peers: some of sluice, envoy';
  return { seconds, rps, kinds, proxies, output: resolve(values.output) };
}

async function measureAll(options: Options, folder: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const kind of options.kinds) {
    for (const proxy of options.proxies) {
      const command = proxy.prepare(folder);
      if (command === null) {
        console.error(`${kind} through ${proxy.name}: skipped, not installed`);
        continue;
      }
      console.error(`${kind} through ${proxy.name}: ${failureNotes[kind]}`);
      const measured = await measure(kind, command, options);
      outcomes.push({ kind, proxy: proxy.name, ...measured });
    }
  }
  return outcomes;
}

async function measure(
  kind: FailureKind,
  command: readonly string[],
  { seconds, rps }: Options,
): Promise<Omit<Outcome, 'kind' | 'proxy'>> {
  const endpoints = await Promise.all(endpointPorts.map((port) => FailingEndpoint.start(port)));
  const over = new AbortController();
  try {
    const proxy = await startPinned(proxyCore, command, proxyPort);
    try {
      const failing = endpoints.slice(0, failingCount);
      const load = { port: proxyPort, authority, requestsPerSecond: rps, seconds };
      const [answers] = await Promise.all([
        openLoop({ ...load, giveUpMs: 2 * timeoutMs }).finally(() => over.abort()),
        runFailures(kind, failing, { healthyMs, signal: over.signal }),
      ]);
      const counts = await readCounts(adminPort);
      const windows = { failureMs: healthyMs, intervalMs: outlierDetection.intervalMs, timeoutMs };
      return { ...summarize(answers, windows), ...counts };
    } finally {
      await proxy.stop();
    }
  } finally {
    over.abort();
    await Promise.all(endpoints.map((endpoint) => endpoint.stop()));
  }
}

function report(options: Options, outcomes: readonly Outcome[]): number {
  console.log(renderTable(outcomes));
  const { seconds, rps, output } = options;
  mkdirSync(join(output, '..'), { recursive: true });
  const policy = { retries, outlierDetection, timeoutMs };
  const result = { node: process.version, seconds, rps, policy, outcomes };
  writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
  const misses = outcomes.flatMap((outcome) => {
    const reason = outcome.proxy === 'sluice' ? shortfall(outcome) : null;
    return reason === null ? [] : [`${outcome.kind}: ${reason}`];
  });
  for (const miss of misses) console.error(`not good enough: ${miss}`);
  return misses.length === 0 ? 0 : 1;
}
