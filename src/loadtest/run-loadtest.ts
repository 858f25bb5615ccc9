/** Runs a scenario: starts what it needs, sends the load, and gathers what was seen. */

import { existsSync, readFileSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { FineTimers } from '../base/fine-timers.ts';
import { SeededRandom } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import { keepAlive, systemTimers } from '../base/timers.ts';
import type { Problem } from '../config/problem.ts';
import { badValue } from './bad-value.ts';
import { ConfigChanges } from './config-changes.ts';
import { EjectionWatch } from './ejection-watch.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { runClosedLoop } from './load/closed-loop.ts';
import { Http1Client } from './load/http1-client.ts';
import { Http2Client } from './load/http2-client.ts';
import type { LoadClientOptions } from './load/load-client.ts';
import { OpenLoop } from './load/open-loop.ts';
import type { Observations, ObservedEndpoint } from './observations.ts';
import { ProxyCounters, usualCounters } from './proxy-counters.ts';
import { RequestLog } from './request-log.ts';
import { RequestMix } from './request-mix.ts';
import { loadDurationMs, type Scenario } from './scenario.ts';
import { schedule } from './schedule.ts';
import { StartedProxy } from './started-proxy.ts';
import { unroutedRequests } from './unrouted-requests.ts';
import type { UpstreamReport } from './upstream/messages.ts';
import { Upstreams } from './upstream/upstreams.ts';

export interface LoadtestOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Ends the load early. */
  readonly signal: AbortSignal;
  /** Called before the load with requests that the proxy has no route for, if there are any. */
  onUnrouted?(problems: readonly Problem[]): void;
  /** Called when the load begins, with what grows from then on. */
  onBegin(progress: LoadProgress): void;
}

export interface LoadProgress {
  readonly log: RequestLog;
  readonly durationMs: number;
  /** Milliseconds since the end of the warm-up; negative during it. */
  now(): number;
}

/** Why there was no run; a text is about no field of the scenario. */
type LoadtestFailure = Problem | string;

/** In which the proxy can say where all requests go, milliseconds: the load is not held for it. */
const routesMs = 2_000;
/** Copies and retries of the last requests arrive within this time, milliseconds. */
const settleMs = 200;

export async function runLoadtest(
  options: LoadtestOptions,
): Promise<Result<Observations, LoadtestFailure>> {
  const awake = keepAlive();
  const run = new LoadtestRun(options);
  try {
    return await run.run();
  } finally {
    await run.end();
    awake.cancel();
  }
}

/** What both forms of load share. */
interface Driven {
  readonly target: LoadClientOptions;
  readonly mix: RequestMix;
  /** By the clock: when time 0 is. */
  readonly zero: number;
  readonly timers: FineTimers;
  /** Ends it early: somebody says so, or the proxy is gone. */
  readonly signal: AbortSignal;
}

class LoadtestRun {
  readonly #options: LoadtestOptions;
  readonly #scenario: Scenario;
  readonly #log = new RequestLog();
  #upstreams: Upstreams | null = null;
  #proxy: StartedProxy | null = null;
  #changes: ConfigChanges | null = null;
  #watch: EjectionWatch | null = null;
  #timers: FineTimers | null = null;
  #counters: ProxyCounters | null = null;
  #driverLateness = new LatencyHistogram();
  #zero = 0;

  constructor(options: LoadtestOptions) {
    this.#options = options;
    this.#scenario = options.scenario;
  }

  async run(): Promise<Result<Observations, LoadtestFailure>> {
    const { upstreams, tls } = this.#scenario;
    const { seed } = this.#options;
    if (upstreams.length > 0) {
      const started = await Upstreams.start({ upstreams, seed });
      if (!started.ok) return started;
      this.#upstreams = started.value;
    }
    const endpoints = observedEndpoints(this.#scenario, this.#upstreams?.ports ?? []);
    const target = await this.#startTarget(endpoints);
    if (!target.ok) return target;
    const ca = tls?.ca === null || tls === null ? ok(null) : readText(tls.ca);
    if (!ca.ok) return err(badValue(['tls', 'ca'], ca.error));
    const client = clientOptions(this.#scenario, target.value.address, ca.value);
    await this.#load(client, target.value.admin);
    return ok(await this.#observations(endpoints));
  }

  async end(): Promise<void> {
    this.#watch?.end();
    this.#counters?.stop();
    this.#changes?.remove();
    await Promise.all([this.#proxy?.stop(), this.#upstreams?.stop(), this.#timers?.stop()]);
  }

  async #startTarget(
    endpoints: readonly ObservedEndpoint[],
  ): Promise<Result<{ address: string; admin: string | null }, LoadtestFailure>> {
    const { target, changes } = this.#scenario;
    if (target.kind === 'running') return ok(target);
    const missing = target.config.findIndex((path) => !existsSync(path));
    if (missing !== -1) return err(noSuchFile(target.config[missing] ?? '', missing));
    const prepared = changes.length === 0 ? null : ConfigChanges.prepare(target.config, changes);
    if (prepared?.ok === false) return prepared;
    this.#changes = prepared?.value ?? null;
    const started = await StartedProxy.start({
      target,
      config: this.#changes?.paths ?? target.config,
      workloads: endpoints.map(({ workload, port }) => [workload, `127.0.0.1:${port}`]),
      seed: this.#options.seed,
    });
    if (!started.ok) return started;
    this.#proxy = started.value;
    const soon = AbortSignal.any([this.#options.signal, AbortSignal.timeout(routesMs)]);
    const unrouted = await unroutedRequests(this.#scenario, started.value, soon);
    if (unrouted.length > 0) this.#options.onUnrouted?.(unrouted);
    return started;
  }

  async #load(target: LoadClientOptions, admin: string | null): Promise<void> {
    const { load } = this.#scenario;
    const { onBegin, signal } = this.#options;
    const timers = await FineTimers.start();
    this.#timers = timers;
    const zero = systemClock.now() + load.warmUpMs;
    this.#zero = zero;
    const now = (): number => systemClock.now() - zero;
    this.#upstreams?.begin(systemClock.wall() + load.warmUpMs);
    this.#changes?.begin(systemTimers, now);
    if (admin !== null) this.#watchProxy(admin, now);
    onBegin({ log: this.#log, durationMs: loadDurationMs(load), now });
    const mix = new RequestMix(this.#scenario.requests, new SeededRandom(this.#options.seed));
    const ends = this.#proxy === null ? [signal] : [signal, this.#proxy.gone];
    const driven = { target, mix, zero, timers, signal: AbortSignal.any(ends) };
    await Promise.all([this.#openLoad(driven), this.#closedLoad(driven)]);
    this.#watch?.end();
    await new Promise<void>((resolve) => systemTimers.set(settleMs, resolve));
    await this.#counters?.end();
  }

  #watchProxy(admin: string, now: () => number): void {
    const checks = this.#scenario.assertions.map(({ check }) => check);
    const asked = checks.flatMap((check) => (check.kind === 'counter' ? [check.name] : []));
    const names = [...new Set([...usualCounters, ...asked])];
    this.#counters = new ProxyCounters({ admin, names, timers: systemTimers, now });
    this.#counters.begin();
    if (!checks.some(({ kind }) => kind === 'ejection')) return;
    this.#watch = new EjectionWatch({ admin, timers: systemTimers, now });
    this.#watch.begin();
  }

  async #openLoad({ target, mix, zero, timers, signal }: Driven): Promise<void> {
    const { load, protocol } = this.#scenario;
    const client = protocol === 'h2' ? new Http2Client(target) : new Http1Client(target);
    const random = new SeededRandom(this.#options.seed + 1);
    const loop = new OpenLoop({
      ...{ mix, client, zero, timers, log: this.#log, clock: systemClock },
      ...{ timeoutMs: load.timeoutMs, signal },
      due: schedule(load, random),
    });
    const { lateness } = await loop.run();
    this.#driverLateness = lateness;
    await client.close();
  }

  async #closedLoad({ target, mix, zero, signal }: Driven): Promise<void> {
    let startMs = 0;
    for (const phase of this.#scenario.load.phases) {
      if (phase.kind === 'closed') {
        const waitMs = zero + startMs - systemClock.now();
        await waited(Math.max(0, waitMs), signal);
        const { connections, durationMs } = phase;
        const shared = { target, mix, zero, signal, log: this.#log, clock: systemClock };
        if (!signal.aborted) await runClosedLoop({ ...shared, connections, durationMs });
      }
      startMs += phase.durationMs;
    }
  }

  async #observations(endpoints: readonly ObservedEndpoint[]): Promise<Observations> {
    const noReport: UpstreamReport = { endpoints: [], peaks: [] };
    const report = (await this.#upstreams?.report()) ?? noReport;
    const isEarly = this.#options.signal.aborted;
    return {
      scenario: this.#scenario,
      seed: this.#options.seed,
      log: this.#log,
      endpoints,
      upstreams: report,
      ejections: this.#watch?.events ?? [],
      changes: this.#changes?.records ?? [],
      counters: this.#counters?.samples ?? [],
      unknownCounters: this.#counters?.unknown ?? new Map(),
      driverLateness: this.#driverLateness,
      proxyEnd: isEarly ? null : this.#proxyEnd(),
      notes: isEarly ? ['the load was ended early'] : [],
    };
  }

  #proxyEnd(): Observations['proxyEnd'] {
    const end = this.#proxy?.end ?? null;
    if (end === null) return null;
    const { at, how, lastLines } = end;
    return { atMs: at - this.#zero, how, lastLines };
  }
}

/** Until then, or until the signal. */
function waited(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = systemTimers.set(ms, resolve);
    signal.addEventListener('abort', () => {
      timer.cancel();
      resolve();
    });
  });
}

function noSuchFile(file: string, index: number): Problem {
  const hint = 'paths count from the folder of the scenario';
  return badValue(['target', 'config', index], `there is no ${file}`, hint);
}

function observedEndpoints(
  { upstreams }: Scenario,
  ports: readonly number[],
): readonly ObservedEndpoint[] {
  const names = upstreams.flatMap(({ workload, endpoints }) =>
    Array.from({ length: endpoints }, (_, index) => ({ workload, ordinal: index + 1 })),
  );
  return names.map((name, index) => ({ ...name, port: ports[index] ?? 0 }));
}

function clientOptions(scenario: Scenario, address: string, ca: string | null): LoadClientOptions {
  const { load, tls, routeHeader } = scenario;
  const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  return {
    ...{ host, port: Number(port), connections: load.connections, timeoutMs: load.timeoutMs },
    routeHeader,
    tls: tls === null ? null : { serverName: tls.serverName ?? host, ca, insecure: tls.insecure },
  };
}

function readText(path: string): Result<string, string> {
  try {
    return ok(readFileSync(path, 'utf8'));
  } catch (error) {
    return err(`cannot read ${path}: ${(error as Error).message}`);
  }
}
