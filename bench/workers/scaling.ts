/**
 * What a second worker adds. Who loads a proxy takes part of the cores that workers would have, so
 * the load is accounted for in two ways:
 *
 * - By what a request costs, with one worker and with two, when load and endpoints are on both
 *   cores both times. That is all that a second worker can change for one that is loaded from
 *   elsewhere: two workers serve twice as many as one, divided by it.
 * - By all of it together: load, one worker and endpoints on one core, then all twice on two. Here
 *   nothing crosses between cores the first time and half of everything does the second, and each
 *   crossing wakes a core up.
 *
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

What a second worker adds, by what a request costs when load and endpoints are on both cores, and
by all of it together on one core and then, twice over, on two. Capacity should double, and a
request cost the same; nginx shows what the machine loses. Three minutes by default; only its
printed table.

  --rounds N       processes are started anew for each; default 3
  --slices N       of load on each of them in a round; default 4
  --seconds N      of a slice; default 2
`;
const connectionsOfWorker = 64;
const warmUpSeconds = 5;
const firstPort = 19_160;
/** What two workers can serve of what one can, and what a request may cost with them. */
const bars = { capacity: 1.8, cpu: 1.1 };

interface Stage {
  readonly workers: 1 | 2;
  /** Of each load. */
  readonly cores: readonly number[];
  /** Of the proxy and the endpoints. */
  readonly affinity: Cores;
}
const stages = {
  oneCore: { workers: 1, cores: [0], affinity: 0 },
  oneWorker: { workers: 1, cores: [0, 1], affinity: '0,1' },
  twoWorkers: { workers: 2, cores: [0, 1], affinity: '0,1' },
} as const satisfies Record<string, Stage>;

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
  /** CPU per request of two workers, of that of one with the same load. */
  readonly cpu: number;
  /** What two workers could serve with a core each, of what one could. */
  readonly capacity: number;
  /** Of all on two cores, of that of all on one. */
  readonly throughput: number;
  readonly oneCoreUs: number;
  readonly oneWorkerUs: number;
  readonly twoWorkersUs: number;
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
        for (const [name, { capacity, cpu, throughput }] of scaled) {
          const told = [
            `CPU/request ${cpu.toFixed(2)}`,
            `capacity ${capacity.toFixed(2)}`,
            `throughput of all ${throughput.toFixed(2)}`,
          ];
          console.log(`round ${round}  ${name.padEnd(8)} ${told.join(', ')}`);
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
    for (const stage of Object.values(stages)) {
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
      connections: (connectionsOfWorker * stage.workers) / stage.cores.length,
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
  const at = (stage: Stage): Proxy => {
    const found = proxies.find((each) => each.name === name && each.stage === stage);
    if (found === undefined) throw new Error(`${name} was not measured`);
    return found;
  };
  const costUs = (stage: Stage): number => (at(stage).cpuSeconds / at(stage).requests) * 1e6;
  const rate = (stage: Stage): number => at(stage).requests / at(stage).seconds;
  const { oneCore, oneWorker, twoWorkers } = stages;
  const cpu = costUs(twoWorkers) / costUs(oneWorker);
  return {
    cpu,
    capacity: twoWorkers.workers / oneWorker.workers / cpu,
    throughput: rate(twoWorkers) / rate(oneCore),
    oneCoreUs: costUs(oneCore),
    oneWorkerUs: costUs(oneWorker),
    twoWorkersUs: costUs(twoWorkers),
  };
}

function report(rounds: readonly Map<string, Scaled>[]): void {
  console.log(
    '\n| proxy | CPU/request, one worker = 1 | capacity, one worker = 1 ' +
      '| throughput of all, one core = 1 | µs, one core | µs, one worker | µs, two workers |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const name of ['sluice', 'nginx']) {
    const found = rounds.flatMap((round) => round.get(name) ?? []);
    const of = (value: (scaled: Scaled) => number): number => median(found.map(value));
    const isBar = name === 'sluice';
    const cpu = of((each) => each.cpu);
    const capacity = of((each) => each.capacity);
    const cells = [
      `${cpu.toFixed(2)}${isBar && cpu > bars.cpu ? ' (missed, 1.10)' : ''}`,
      `${capacity.toFixed(2)}${isBar && capacity < bars.capacity ? ' (missed, 1.8)' : ''}`,
      of((each) => each.throughput).toFixed(2),
      of((each) => each.oneCoreUs).toFixed(1),
      of((each) => each.oneWorkerUs).toFixed(1),
      of((each) => each.twoWorkersUs).toFixed(1),
    ];
    console.log(`| ${[name, ...cells].join(' | ')} |`);
  }
}
