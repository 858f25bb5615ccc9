/**
 * What a second worker adds. The whole of it - load, proxy with one worker, endpoints - has one
 * core; then all of it twice, with two workers, has two cores. So whoever loads the proxy takes the
 * same share of each core both times, and with a machine that loses nothing everything doubles.
 * nginx, with one worker and with two, shows what this machine loses. Run:
 * npm run bench:scaling -- --help
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endpointsCommand } from '../peers/endpoints.ts';
import { nginxWith } from '../peers/nginx.ts';
import type { Peer, Setup } from '../peers/peer.ts';
import { authority, endpointPorts, measuredPath, responseBody } from '../peers/policy.ts';
import { sluicePeer } from '../peers/sluice.ts';
import { verifyPolicy } from '../peers/verify.ts';
import { runCommand } from '../support/command.ts';
import { findCommand } from '../support/find-command.ts';
import { keepAwake } from '../support/keep-awake.ts';
import { median } from '../support/median.ts';
import { type Cores, type PinnedProcess, startPinned } from '../support/pinned-process.ts';
import { cpuSeconds } from '../support/process-stats.ts';
import { runLoad } from '../support/wrk.ts';

const usage = `usage: npm run bench:scaling -- [options]

What a second worker adds: load, proxy and endpoints together have one core, and then two, twice
over. Throughput should double, and a request cost the same; nginx shows what the machine loses.
Two minutes by default; only its printed table.

  --rounds N       processes are started anew for each; default 3
  --slices N       of load on each of them in a round; default 4
  --seconds N      of a slice; default 2
`;
const connectionsOfCore = 64;
const warmUpSeconds = 5;
const firstPort = 19_160;
/** Throughput that a second worker has to give, and what a request may cost with it. */
const bars = { throughput: 1.8, cpu: 1.1 };

interface Stage {
  readonly workers: 1 | 2;
  readonly cores: readonly number[];
  readonly affinity: Cores;
}
const stages: readonly Stage[] = [
  { workers: 1, cores: [0], affinity: 0 },
  { workers: 2, cores: [0, 1], affinity: '0,1' },
];

interface Proxy {
  readonly name: string;
  readonly stage: Stage;
  readonly setup: Setup;
  readonly process: PinnedProcess;
  cpuSeconds: number;
  requests: number;
  seconds: number;
}

/** Of one round, by the name of the proxy. */
interface Scaled {
  readonly throughput: number;
  readonly cpu: number;
  readonly oneUs: number;
  readonly twoUs: number;
}

process.exitCode = await runCommand({ usage, read: readOptions, run: main });

interface Options {
  readonly rounds: number;
  readonly slices: number;
  readonly seconds: number;
}

/** A text says what is wrong; null: help was asked for. Throws what `parseArgs` throws. */
function readOptions(): Options | string | null {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      slices: { type: 'string', default: '4' },
      seconds: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const options = {
    rounds: Number(values.rounds),
    slices: Number(values.slices),
    seconds: Number(values.seconds),
  };
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isInteger(value) || value < 1) return `--${name}: a whole number from 1 on`;
  }
  return options;
}

/** Skips itself, with the reason, where it cannot run. */
async function main(options: Options): Promise<number> {
  const missing = ['wrk', 'nginx', 'taskset'].filter((name) => findCommand(name) === null);
  if (missing.length > 0) console.log(`bench:scaling skipped: install ${missing.join(', ')}`);
  else if (availableParallelism() < 2) console.log('bench:scaling skipped: needs two cores');
  else await run(options);
  return 0;
}

async function run(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const endAwake = keepAwake();
  try {
    const [port = 0] = endpointPorts.v1;
    const endpoints = await startPinned('0,1', endpointsCommand(folder, 2), port);
    try {
      const rounds: Map<string, Scaled>[] = [];
      for (let round = 1; round <= options.rounds; round++) {
        const scaled = await measureRound(join(folder, String(round)), endpoints.pid, options);
        rounds.push(scaled);
        for (const [name, { throughput, cpu }] of scaled) {
          const told = `throughput ${throughput.toFixed(2)}, CPU/request ${cpu.toFixed(2)}`;
          console.log(`round ${round}  ${name.padEnd(8)} ${told}`);
        }
      }
      report(rounds);
    } finally {
      await endpoints.stop();
    }
  } finally {
    endAwake();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureRound(
  folder: string,
  endpointsPid: number,
  { slices, seconds }: Options,
): Promise<Map<string, Scaled>> {
  const proxies: Proxy[] = [];
  try {
    for (const stage of stages) {
      for (const peer of peersWith(stage)) {
        proxies.push(await start(peer, stage, { folder, port: firstPort + proxies.length }));
      }
    }
    for (const proxy of proxies) await slice(proxy, endpointsPid, warmUpSeconds);
    for (const proxy of proxies) Object.assign(proxy, { cpuSeconds: 0, requests: 0, seconds: 0 });
    for (let turn = 0; turn < slices; turn++) {
      const order = turn % 2 === 0 ? proxies : proxies.toReversed();
      for (const proxy of order) await slice(proxy, endpointsPid, seconds);
    }
    return new Map(['sluice', 'nginx'].map((name) => [name, scaledOf(name, proxies)]));
  } finally {
    for (const { process } of proxies) await process.stop();
  }
}

function peersWith({ workers }: Stage): readonly Peer[] {
  const prepare = (setup: Setup): readonly string[] => [
    ...sluicePeer.prepare(setup),
    ...['--concurrency', String(workers)],
  ];
  return [{ ...sluicePeer, prepare }, nginxWith(workers)];
}

async function start(
  peer: Peer,
  stage: Stage,
  { folder, port }: { readonly folder: string; readonly port: number },
): Promise<Proxy> {
  const own = join(folder, String(port));
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'requests.txt'), `${authority} ${measuredPath}\n`);
  const setup: Setup = {
    ...{ protocol: 'http1', isRich: false, routes: null },
    ...{
      folder: own,
      port,
      adminPort: port + 10,
      certificate: { certificate: '', key: '', both: '' },
    },
  };
  const process = await startPinned(stage.affinity, peer.prepare(setup), port);
  await verifyPolicy(setup);
  return { name: peer.name, stage, setup, process, cpuSeconds: 0, requests: 0, seconds: 0 };
}

async function slice(proxy: Proxy, endpointsPid: number, seconds: number): Promise<void> {
  const { stage, setup, process } = proxy;
  pinTree(endpointsPid, stage.affinity);
  const before = cpuSeconds(process.pid);
  const loads = stage.cores.map((core) =>
    runLoad({
      port: setup.port,
      connections: connectionsOfCore,
      seconds,
      requestsFile: join(setup.folder, 'requests.txt'),
      expectedBody: responseBody,
      core,
    }),
  );
  for (const { requests } of await Promise.all(loads)) proxy.requests += requests;
  proxy.cpuSeconds += cpuSeconds(process.pid) - before;
  proxy.seconds += seconds;
}

/** The endpoints have the cores that the proxy has. */
function pinTree(pid: number, affinity: Cores): void {
  const children = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
  for (const each of [String(pid), ...children.trim().split('\n')]) {
    execFileSync('taskset', ['-a', '-p', '-c', String(affinity), each], { stdio: 'ignore' });
  }
}

function scaledOf(name: string, proxies: readonly Proxy[]): Scaled {
  const [one, two] = stages.map((stage) =>
    proxies.find((each) => each.name === name && each.stage === stage),
  );
  if (one === undefined || two === undefined) throw new Error(`${name} was not measured`);
  const cost = (each: Proxy): number => (each.cpuSeconds / each.requests) * 1e6;
  const rate = (each: Proxy): number => each.requests / each.seconds;
  return {
    throughput: rate(two) / rate(one),
    cpu: cost(two) / cost(one),
    oneUs: cost(one),
    twoUs: cost(two),
  };
}

function report(rounds: readonly Map<string, Scaled>[]): void {
  console.log(
    '\n| proxy | throughput, one worker = 1 | CPU/request, one worker = 1 | µs, one | µs, two |',
  );
  console.log('|---|---|---|---|---|');
  for (const name of ['sluice', 'nginx']) {
    const found = rounds.flatMap((round) => round.get(name) ?? []);
    const of = (value: (scaled: Scaled) => number): number => median(found.map(value));
    const isBar = name === 'sluice';
    const throughput = of((each) => each.throughput);
    const cpu = of((each) => each.cpu);
    const cells = [
      `${throughput.toFixed(2)}${isBar && throughput < bars.throughput ? ' (missed, 1.8)' : ''}`,
      `${cpu.toFixed(2)}${isBar && cpu > bars.cpu ? ' (missed, 1.10)' : ''}`,
      of((each) => each.oneUs).toFixed(1),
      of((each) => each.twoUs).toFixed(1),
    ];
    console.log(`| ${[name, ...cells].join(' | ')} |`);
  }
}
