/**
 * One soak: a proxy under load while its rules change, its endpoints fail and some clients leave.
 * What it did is measured here, and judged in `judge.ts`.
 */

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { capacityOf, measureShares } from './capacity.ts';
import { flap } from './flapping.ts';
import { Ledger } from './ledger.ts';
import { Load } from './load.ts';
import type { ProbedMemory } from './proxy-probe.ts';
import { type Quiet, watchQuiet } from './quiet.ts';
import { endpointsEach, type Ports, rules, steady, versions, workloads } from './rules.ts';
import { SoakEndpoint } from './soak-endpoint.ts';
import { SoakProxy } from './soak-proxy.ts';
import { type Standstill, Standstills } from './standstills.ts';
import { percent, renderMemory, renderStandstill } from './text.ts';
import { WebSockets } from './web-sockets.ts';

export interface SoakOptions {
  readonly main: string;
  /** Of the load with everything else, without the measurement of capacity before. */
  readonly durationMs: number;
  /** Requests a second; null: 70 % of what is possible, measured before. */
  readonly rate: number | null;
  /** How long it is loaded before, as much as it takes. */
  readonly warmUpMs: number;
  /** How long the load is rehearsed to choose the rate: each way to fail comes once. */
  readonly rehearsalMs: number;
  readonly reloadMs: number;
  readonly flapping: { readonly failingMs: number; readonly wellMs: number };
  /** How long it is looked at before and after, when nobody asks for anything. */
  readonly quietMs: number;
  readonly ports: { readonly gateway: number; readonly admin: number };
  /** Words before the command line of the proxy, which place it on the machine. */
  readonly prefix: readonly string[];
  readonly onProgress: (text: string) => void;
}

/** What a run of some minutes saw of the proxy at one moment of it. */
export interface MemorySample extends ProbedMemory {
  /** Seconds. */
  readonly at: number;
  /** Of TCP, of the proxy. */
  readonly sockets: number;
}

/** Of the proxy, or of the process of clients and endpoints. */
export interface SeenStandstill extends Standstill {
  readonly who: 'proxy' | 'clients';
}

export interface SoakOutcome {
  readonly rate: number;
  readonly seconds: number;
  readonly ledger: Ledger;
  /** Of a core: the proxy with its children, and clients with endpoints. */
  readonly proxyShare: number;
  readonly loadShare: number;
  /** Requests that were due; how late the latest of the others was sent, milliseconds. */
  readonly notSent: number;
  readonly latestMs: number;
  readonly standstills: readonly SeenStandstill[];
  /** Statistics of what the proxy did to protect itself, which explain what else is wrong. */
  readonly protections: readonly string[];
  readonly flaps: number;
  readonly echoed: number;
  readonly samples: readonly MemorySample[];
  /** Answers were missing 10 s after the last request. */
  readonly unanswered: number;
  readonly wrongUploads: number;
  readonly before: Quiet;
  readonly after: Quiet;
  readonly exitCode: number | null;
  /** Of its log, what are warnings and errors. */
  readonly complaints: readonly string[];
}

/** Of the measured capacity. */
const shareOfCapacity = 0.7;
/** Of what can be done while nothing fails. */
const rehearsedShare = 0.5;
const calmMs = 5_000;
const concurrency = 96;
/** In names of statistics of what clients did too much of. */
const protectionWords = ['flood', 'premature', 'header_overflow'];
/** Of connections to endpoints that may fail: what is tried again there ends well. */
const longestIdleMs = 3_000;
/** What is alive is compared in generations that differ in their number alone. */
const firstQuiet = 1;
const quietEvery = 6;

function nextQuiet(written: number): number {
  return firstQuiet + quietEvery * Math.ceil((written + 1 - firstQuiet) / quietEvery);
}

export async function soak(options: SoakOptions): Promise<SoakOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
  const ledger = new Ledger();
  const endpoints = await startEndpoints(ledger.cut);
  try {
    const run = new SoakRun(options, { folder, ledger, endpoints });
    return await run.run();
  } finally {
    await Promise.all(endpoints.map((endpoint) => endpoint.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Scene {
  readonly folder: string;
  readonly ledger: Ledger;
  readonly endpoints: readonly SoakEndpoint[];
}

interface Sampling {
  /** As `performance.now` gives it. */
  readonly start: number;
  readonly load: Load;
  readonly standstills: Standstills;
}

class SoakRun {
  readonly #options: SoakOptions;
  readonly #scene: Scene;
  readonly #ports: Ports;
  readonly #standstills: SeenStandstill[] = [];

  constructor(options: SoakOptions, scene: Scene) {
    this.#options = options;
    this.#scene = scene;
    this.#ports = portsOf(scene.endpoints);
  }

  async run(): Promise<SoakOutcome> {
    const { main, ports, prefix } = this.#options;
    this.#writeRules(0);
    const rulesFolder = this.#scene.folder;
    const proxy = await SoakProxy.start({
      ...{ main, rules: rulesFolder, port: ports.gateway, adminPort: ports.admin, prefix },
    });
    try {
      return await this.#runWith(proxy);
    } finally {
      await proxy.stop();
    }
  }

  async #runWith(proxy: SoakProxy): Promise<SoakOutcome> {
    const { ledger, endpoints } = this.#scene;
    const { quietMs, durationMs } = this.#options;
    const rate = await this.#chooseRate(proxy);
    await this.#publish(nextQuiet(ledger.written));
    const before = await watchQuiet(proxy, { endpoints, ms: quietMs });
    const load = this.#newLoad(true);
    const seen = await this.#soak(proxy, load, { rate, ms: durationMs });
    const isSettled = await load.settle(10_000);
    const unanswered = isSettled ? 0 : load.underWay;
    load.close();
    const protections = await proxy.statistics(protectionWords);
    await this.#publish(nextQuiet(ledger.written));
    const after = await watchQuiet(proxy, { endpoints, ms: quietMs, before });
    const exitCode = await proxy.stop();
    return {
      ...seen,
      ...{ rate, ledger, unanswered, protections, before, after, exitCode },
      ...{ notSent: load.notSent, latestMs: load.latestMs },
      standstills: this.#standstills,
      wrongUploads: endpoints.reduce((sum, { wrongBodies }) => sum + wrongBodies, 0),
      complaints: proxy.output.split('\n').filter((line) => /^\S+Z (error|critical) /.test(line)),
    };
  }

  #newLoad(aborts: boolean): Load {
    return new Load({ port: this.#options.ports.gateway, ledger: this.#scene.ledger, aborts });
  }

  /** Resolves when a client has seen it. */
  async #publish(generation: number): Promise<void> {
    const { ledger } = this.#scene;
    this.#writeRules(generation);
    const load = this.#newLoad(false);
    const end = performance.now() + 20_000;
    while (ledger.shown < generation) {
      if (performance.now() > end) throw new Error(`generation ${generation} never serves`);
      await load.asFastAsAnswered(1, 50);
    }
    load.close();
  }

  /**
   * What a request takes when nothing fails says how much load a rehearsal can have, and what it
   * takes there, with reloads and failures, how much the soak can have.
   */
  async #chooseRate(proxy: SoakProxy): Promise<number> {
    const { rate, warmUpMs, rehearsalMs, onProgress } = this.#options;
    const calm = this.#newLoad(false);
    // Code and buffers of everything that comes are there before anything is counted.
    await calm.asFastAsAnswered(concurrency, warmUpMs);
    const shares = measureShares(proxy.pid);
    const reached = rate === null ? await calm.asFastAsAnswered(concurrency, calmMs) : 0;
    const calmly = capacityOf(reached, shares());
    calm.close();
    if (rate !== null) return rate;
    onProgress(`capacity while nothing fails: ${Math.round(calmly)} a second`);
    const load = this.#newLoad(true);
    const tried = Math.round(calmly * rehearsedShare);
    const seen = await this.#soak(proxy, load, { rate: tried, ms: rehearsalMs });
    await load.settle(10_000);
    load.close();
    const capacity = capacityOf(tried - load.notSent / seen.seconds, seen);
    const chosen = Math.round(shareOfCapacity * capacity);
    onProgress(
      `capacity: ${tried} a second took ${percent(seen.proxyShare)} of a core for the proxy and ` +
        `${percent(seen.loadShare)} for clients and endpoints, so ${Math.round(capacity)} with a ` +
        `whole core for each; the load is ${chosen} a second`,
    );
    return chosen;
  }

  async #soak(
    proxy: SoakProxy,
    load: Load,
    { rate, ms }: { readonly rate: number; readonly ms: number },
  ) {
    const { reloadMs, flapping, ports } = this.#options;
    const { ledger, endpoints } = this.#scene;
    const over = new AbortController();
    const { signal } = over;
    const socketsOptions = { count: 8, everyMs: 250, messagesEach: 100 };
    const sockets = new WebSockets({ port: ports.gateway, ledger, ...socketsOptions });
    const standstills = new Standstills();
    const samples: MemorySample[] = [];
    // What was before does not count.
    await proxy.memory();
    const shares = measureShares(proxy.pid);
    const start = performance.now();
    const failing = endpoints.filter(({ name }) => !name.startsWith(steady));
    // Always at the same place: how many connections there are depends on how the last failed.
    const afterRound = async (): Promise<void> => {
      samples.push(await this.#sample(proxy, { start, load, standstills }));
    };
    const flapped = flap({ endpoints: failing, ...flapping, afterRound, signal });
    const everything = [
      load.atRate(rate, signal),
      repeat(reloadMs, signal, () => this.#writeRules(ledger.written + 1)),
      repeat(longestIdleMs, signal, () => {
        for (const endpoint of failing) endpoint.closeIdle(longestIdleMs);
      }),
    ];
    const ended = this.#untilOver(proxy, ms, signal).finally(() => over.abort());
    await Promise.all([ended, ...everything]);
    const flaps = await flapped;
    const seconds = (performance.now() - start) / 1000;
    const seen = { ...shares(), seconds, flaps, samples };
    this.#standstillsOf('clients', standstills.take());
    standstills.stop();
    sockets.settle();
    for (let i = 0; i < 100 && sockets.waiting > 0; i++) await pause(20);
    sockets.close();
    return { ...seen, echoed: sockets.echoed };
  }

  /** Also over when the proxy is: what follows would only hang. */
  async #untilOver(proxy: SoakProxy, ms: number, signal: AbortSignal): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end && !signal.aborted) {
      await pause(100);
      if (proxy.hasEnded) throw new Error(`the proxy ended: ${proxy.output}`);
    }
  }

  async #sample(proxy: SoakProxy, { start, load, standstills }: Sampling): Promise<MemorySample> {
    const at = (performance.now() - start) / 1000;
    const { underWay } = load;
    const sockets = proxy.tcpSockets().length;
    const memory = await proxy.memory();
    this.#standstillsOf('proxy', memory.standstills);
    this.#standstillsOf('clients', standstills.take());
    const { ledger } = this.#scene;
    const faults = [...ledger.faults.values()].reduce((sum, count) => sum + count, 0);
    this.#options.onProgress(
      `${Math.round(at)} s: ${ledger.answered} answered, ${ledger.aborted} left, ` +
        `${ledger.cutOff} cut, generation ${ledger.shown}, ${underWay} under way, ` +
        `${renderMemory(memory)}, ${sockets} sockets, ${faults} faults`,
    );
    return { ...memory, at, sockets };
  }

  #standstillsOf(who: SeenStandstill['who'], list: readonly Standstill[]): void {
    for (const one of list) {
      this.#standstills.push({ ...one, who });
      this.#options.onProgress(renderStandstill({ ...one, who }));
    }
  }

  /** As an editor or a deployment replaces a file: never half there. */
  #writeRules(generation: number): void {
    const { folder, ledger } = this.#scene;
    const path = join(folder, 'rules.yaml');
    const next = join(folder, '.rules.yaml.next');
    writeFileSync(next, rules(generation, this.#ports));
    ledger.written = generation;
    renameSync(next, path);
  }
}

async function startEndpoints(cut: Set<number>): Promise<SoakEndpoint[]> {
  const names = workloads.flatMap((workload) =>
    versions.map((version) => `${workload}-${version}`),
  );
  const all: string[] = [];
  // Neighbours in this list fail one after the other: they are of different groups.
  for (let i = 0; i < endpointsEach; i++) for (const name of names) all.push(`${name}-${i}`);
  all.push(`${steady}-0`, `${steady}-1`);
  return Promise.all(all.map((name) => SoakEndpoint.start({ name, cut })));
}

/** By the name of an endpoint without its number. */
function portsOf(endpoints: readonly SoakEndpoint[]): Ports {
  const ports = new Map<string, number[]>();
  for (const { name, port } of endpoints) {
    const group = name.replace(/-\d+$/, '');
    ports.set(group, [...(ports.get(group) ?? []), port]);
  }
  return ports;
}

async function repeat(
  ms: number,
  signal: AbortSignal,
  task: () => Promise<void> | void,
): Promise<void> {
  while (!signal.aborted) {
    // It only rejects when it is aborted.
    await pause(ms, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await task();
  }
}
