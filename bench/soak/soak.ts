/**
 * One soak: a proxy under load while its rules change, its endpoints fail and some clients leave.
 * What it did is measured here, and judged in `judge.ts`.
 */

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuSeconds } from '../support/process-stats.ts';
import { flap } from './flapping.ts';
import { Ledger } from './ledger.ts';
import { Load } from './load.ts';
import type { ProbeAnswer } from './proxy-probe.ts';
import { endpointsEach, type Ports, rules, steady, versions, workloads } from './rules.ts';
import { SoakEndpoint } from './soak-endpoint.ts';
import { type MemorySample, SoakProxy } from './soak-proxy.ts';
import { WebSockets } from './web-sockets.ts';

export interface SoakOptions {
  readonly main: string;
  /** Of the load with everything else, without the measurement of capacity before. */
  readonly durationMs: number;
  /** Requests a second; null: 70 % of what the proxy can do, measured for `capacityMs` before. */
  readonly rate: number | null;
  readonly capacityMs: number;
  readonly reloadMs: number;
  readonly flapping: { readonly failingMs: number; readonly wellMs: number };
  readonly sampleMs: number;
  /** How long it is looked at before and after, when nobody asks for anything. */
  readonly quietMs: number;
  readonly ports: { readonly gateway: number; readonly admin: number };
  readonly onProgress: (text: string) => void;
}

/** What must be the same before and after. */
export interface Quiet {
  readonly tcpSockets: readonly string[];
  readonly openFiles: readonly string[];
  readonly living: ProbeAnswer;
  readonly active: Readonly<Record<string, number>>;
}

export interface Capacity {
  /** Answers a second, with as many requests at a time as are useful. */
  readonly reached: number;
  /** CPU time of the proxy over time. */
  readonly cpuShare: number;
  /** What it would be if the proxy had a whole core. */
  readonly perSecond: number;
}

export interface SoakOutcome {
  readonly capacity: Capacity | null;
  readonly rate: number;
  readonly seconds: number;
  readonly ledger: Ledger;
  readonly cpuShare: number;
  readonly heldBack: number;
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
const loadShare = 0.7;
/** The clients must keep up, too. */
const clientShare = 0.85;
const concurrency = 96;
/** How much longer than `quietMs` something may still be open, milliseconds. */
const longestQuietMs = 10_000;

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

class SoakRun {
  readonly #options: SoakOptions;
  readonly #scene: Scene;
  readonly #ports: Ports;
  readonly #samples: MemorySample[] = [];

  constructor(options: SoakOptions, scene: Scene) {
    this.#options = options;
    this.#scene = scene;
    this.#ports = portsOf(scene.endpoints);
  }

  async run(): Promise<SoakOutcome> {
    const { main, ports } = this.#options;
    this.#writeRules(0);
    const rulesFolder = this.#scene.folder;
    const proxy = await SoakProxy.start({
      ...{ main, rules: rulesFolder, port: ports.gateway, adminPort: ports.admin },
    });
    try {
      return await this.#runWith(proxy);
    } finally {
      await proxy.stop();
    }
  }

  async #runWith(proxy: SoakProxy): Promise<SoakOutcome> {
    const { ledger, endpoints } = this.#scene;
    // Code and buffers of everything that comes are there before anything is counted.
    const warming = this.#newLoad(false);
    await warming.asFastAsAnswered(concurrency, 1_000);
    await this.#publish(firstQuiet);
    const { rate, capacity } = await this.#chooseRate(proxy, warming);
    warming.close();
    const before = await this.#quiet(proxy);
    const load = this.#newLoad(true);
    const { seconds, cpuShare, flaps, echoed } = await this.#soak(proxy, load, rate);
    const isSettled = await load.settle(10_000);
    const unanswered = isSettled ? 0 : load.underWay;
    load.close();
    await this.#publish(nextQuiet(ledger.written));
    const after = await this.#quiet(proxy);
    const exitCode = await proxy.stop();
    return {
      ...{ capacity, rate, seconds, ledger, cpuShare, flaps, echoed, unanswered },
      ...{ before, after, exitCode },
      heldBack: load.heldBack,
      samples: this.#samples,
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

  async #chooseRate(
    proxy: SoakProxy,
    load: Load,
  ): Promise<{ rate: number; capacity: Capacity | null }> {
    const { rate, capacityMs, onProgress } = this.#options;
    if (rate !== null) return { rate, capacity: null };
    const cpu = cpuSeconds(proxy.pid);
    const reached = await load.asFastAsAnswered(concurrency, capacityMs);
    const cpuShare = (cpuSeconds(proxy.pid) - cpu) / (capacityMs / 1000);
    const perSecond = reached / Math.min(1, cpuShare);
    const chosen = Math.round(Math.min(loadShare * perSecond, clientShare * reached));
    onProgress(
      `capacity: ${Math.round(reached)} a second with ${percent(cpuShare)} of a core, ` +
        `so ${Math.round(perSecond)} with all of it; the load is ${chosen} a second`,
    );
    return { rate: chosen, capacity: { reached, cpuShare, perSecond } };
  }

  async #soak(proxy: SoakProxy, load: Load, rate: number) {
    const { durationMs, reloadMs, flapping, sampleMs, ports } = this.#options;
    const { ledger, endpoints } = this.#scene;
    const over = new AbortController();
    const { signal } = over;
    const socketsOptions = { count: 8, everyMs: 250, messagesEach: 100 };
    const sockets = new WebSockets({ port: ports.gateway, ledger, ...socketsOptions });
    const cpu = cpuSeconds(proxy.pid);
    const start = performance.now();
    const failing = endpoints.filter(({ name }) => !name.startsWith(steady));
    const flapped = flap({ endpoints: failing, ...flapping, signal });
    const everything = [
      load.atRate(rate, signal),
      repeat(reloadMs, signal, () => this.#writeRules(ledger.written + 1)),
      repeat(sampleMs, signal, () => this.#sample(proxy, start)),
    ];
    const ended = this.#untilOver(proxy, durationMs, signal).finally(() => over.abort());
    await Promise.all([ended, ...everything]);
    const flaps = await flapped;
    const seconds = (performance.now() - start) / 1000;
    const cpuShare = (cpuSeconds(proxy.pid) - cpu) / seconds;
    sockets.settle();
    for (let i = 0; i < 100 && sockets.waiting > 0; i++) await pause(20);
    sockets.close();
    return { seconds, cpuShare, flaps, echoed: sockets.echoed };
  }

  /** Also over when the proxy is: what follows would only hang. */
  async #untilOver(proxy: SoakProxy, ms: number, signal: AbortSignal): Promise<void> {
    const end = performance.now() + ms;
    while (performance.now() < end && !signal.aborted) {
      await pause(100);
      if (proxy.hasEnded) throw new Error(`the proxy ended: ${proxy.output}`);
    }
  }

  async #sample(proxy: SoakProxy, start: number): Promise<void> {
    const memory = await proxy.memory();
    this.#samples.push(memory);
    const { ledger } = this.#scene;
    const faults = [...ledger.faults.values()].reduce((sum, count) => sum + count, 0);
    this.#options.onProgress(
      `${Math.round((performance.now() - start) / 1000)} s: ${ledger.answered} answered, ` +
        `${ledger.aborted} left, ${ledger.cutOff} cut, generation ${ledger.shown}, ` +
        `heap ${mib(memory.heap)}, resident ${mib(memory.resident)}, ` +
        `${proxy.tcpSockets().length} sockets, ${faults} faults`,
    );
  }

  /** Nobody asks for anything, and all that was open for it has been closed. */
  async #quiet(proxy: SoakProxy): Promise<Quiet> {
    const { endpoints } = this.#scene;
    const names = [
      ...['downstream_rq_active', 'downstream_cx_active', 'upstream_rq_active'],
      ...['upstream_rq_pending_active', 'upstream_cx_active'],
    ];
    let quiet: Quiet | null = null;
    const enough = performance.now() + this.#options.quietMs;
    for (;;) {
      for (const endpoint of endpoints) endpoint.closeIdle();
      await pause(500);
      // The connection on which the admin API is asked would count: it is asked last.
      const open = { tcpSockets: proxy.tcpSockets(), openFiles: proxy.openFiles() };
      const living = await proxy.count();
      const active = await proxy.sumOfGauges(names);
      const now = { ...open, living, active };
      quiet = quiet === null ? now : least(quiet, now);
      const isOver = Object.values(active).every((value) => value === 0);
      const last = isOver ? enough : enough + longestQuietMs;
      if (performance.now() > last) return quiet;
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

/** What stays at the lowest is what is held; a check of health may be under way at one moment. */
function least(one: Quiet, other: Quiet): Quiet {
  const lower = (
    a: Readonly<Record<string, number>>,
    b: Readonly<Record<string, number>>,
  ): Record<string, number> =>
    Object.fromEntries(
      Object.keys(b).map((key) => [key, Math.min(a[key] ?? Infinity, b[key] ?? 0)]),
    );
  return {
    tcpSockets: shorter(one.tcpSockets, other.tcpSockets),
    openFiles: shorter(one.openFiles, other.openFiles),
    living: lower(one.living, other.living),
    active: lower(one.active, other.active),
  };
}

function shorter<T>(one: readonly T[], other: readonly T[]): readonly T[] {
  return one.length < other.length ? one : other;
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

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

export function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
