/**
 * The primary of a proxy with workers: it serves nobody itself. Its own runtime holds the same
 * configuration, judges the health of endpoints, and is where the admin API looks.
 */

import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/result.ts';
import type { Timer, Timers } from '../../base/timers.ts';
import type { HealthEvent } from '../../cluster/health/health-event.ts';
import { type EndpointHealth, healthOf } from '../../cluster/health/health-leader.ts';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { Snapshot } from '../../proxy/snapshot.ts';
import { LogFile } from '../../telemetry/access-log/log-file.ts';
import type { LogRoot } from '../../telemetry/logger.ts';
import type { Sample } from '../../telemetry/metrics/sample.ts';
import { ListeningSocket, type ListenOptions } from '../../transport/listening-socket.ts';
import type { ProxyRuntime } from '../proxy-runtime.ts';
import type { Secrets } from '../secret-store.ts';
import { type InheritedSockets, shareSockets } from '../takeover/inherited-sockets.ts';
import type { LentSockets } from '../takeover/offer.ts';
import type { TelemetrySinks } from '../telemetry-sinks.ts';
import { LineRelay, needsRelay } from './line-relay.ts';
import { MergedCounts } from './merged-counts.ts';
import type { Notice, Order, WorkerConfig, WorkerStart } from './messages.ts';
import { WorkerGroup } from './worker-group.ts';
import { WorkerHandle } from './worker-handle.ts';

/** A worker that does not answer so long is left out of an answer. */
const answerMs = 2_000;
/** Longer than a busy worker takes to answer. */
const lendMs = 10_000;
/** Between two looks at what workers have counted: so much is lost with one that is killed. */
const lookMs = 10_000;

export interface PrimaryParts {
  /** How many workers. */
  readonly size: number;
  /** Listening sockets of a proxy whose place this one takes; null: it takes none. */
  readonly inherited: InheritedSockets | null;
  readonly start: Omit<WorkerStart, 'number' | 'logLevels'>;
  readonly sinks: TelemetrySinks;
  readonly logs: LogRoot;
  readonly clock: Clock;
  readonly timers: Timers;
}

export class Primary {
  readonly #parts: PrimaryParts;
  readonly #group: WorkerGroup;
  readonly #counts: MergedCounts;
  /** null: workers write to the standard output of the primary. */
  #relay: LineRelay | null = null;
  /** Output of workers that has not come to its end. */
  readonly #passing = new Set<Promise<void>>();
  #runtime: ProxyRuntime | null = null;
  #looking: Promise<void> | null = null;
  #timer: Timer | null = null;
  #replaced = 0;
  #failsHealthChecks = false;

  constructor(parts: PrimaryParts) {
    const { size, sinks, logs, clock, timers } = parts;
    this.#parts = parts;
    this.#counts = new MergedCounts(sinks);
    sinks.registry.addCollector(() => this.#samples());
    this.#group = new WorkerGroup({
      ...{ size, clock, timers },
      log: logs.logger('workers'),
      spawn: (number) => this.#spawn(number),
      health: () => healthTable(this.#serving.snapshot.clusters.values()),
      onJoin: (worker) => this.#onJoin(worker),
      onLeave: (worker) => {
        this.#counts.retire(worker);
        this.#replaced++;
      },
    });
  }

  /** `runtime` is that of the primary. */
  attach(runtime: ProxyRuntime): void {
    this.#runtime = runtime;
  }

  /** Starts the workers. Rejects with a line for the user. */
  async start(): Promise<void> {
    const { sinks, logs, timers } = this.#parts;
    if (needsRelay()) {
      const output = await LogFile.open('/dev/stdout', timers);
      this.#relay = new LineRelay((bytes) => output.append(bytes));
    }
    sinks.traffic.onReaders = (wanted) => this.tell({ kind: 'follow-traffic', wanted });
    logs.onLevel = (component, level) => this.tell({ kind: 'log-level', component, level });
    await this.#group.start();
    await this.#passOn();
    this.#lookLater();
  }

  /** All workers serve. */
  get isWhole(): boolean {
    return this.#group.isWhole;
  }

  get size(): number {
    return this.#group.size;
  }

  get workers(): readonly Pick<WorkerHandle, 'number' | 'pid'>[] {
    return this.#group.workers;
  }

  /**
   * Binds a port for a moment, to know that nobody else has it, and which one it is; the workers
   * bind it then. One that they have under another address may be shared, and one that they have
   * inherited is theirs.
   */
  async listen(options: ListenOptions): ReturnType<typeof ListeningSocket.open> {
    if (this.#parts.inherited?.has(options)) return ok(ListeningSocket.inherit([], options));
    const { active } = this.#serving.listeners;
    const isOwn = active.some(({ boundPort }) => boundPort === options.port);
    const opened = await ListeningSocket.open({ ...options, reusePort: isOwn });
    if (opened.ok) opened.value.close();
    return opened;
  }

  /** The runtime of the primary is about to publish: all workers do, or this rejects. */
  async publish(next: Snapshot, secrets: Secrets): Promise<void> {
    const config = configOf(next, secrets, this.#serving);
    const [refused] = config.refused;
    // Who serves already must not be told to go then, nor may its clients come here meanwhile.
    if (this.#parts.inherited !== null && refused !== undefined && next.version === 1) {
      throw new Error(`cannot listen on ${refused}: the port is in use`);
    }
    return this.#group.publish(config, healthTable(next.clusters.values()));
  }

  renewSecrets(secrets: Secrets): void {
    this.#group.renewSecrets(secrets);
  }

  /** The runtime of the primary has found out something about an endpoint. */
  onHealthEvent({ endpoint }: HealthEvent): void {
    this.#group.tell({ kind: 'health', health: healthOf(endpoint) });
  }

  tell(order: Order): void {
    if (order.kind === 'fail-health-checks') this.#failsHealthChecks = order.fails;
    this.#group.tell(order);
  }

  /** Brings what workers have counted up to date, in the registry and the clusters. */
  refresh(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** The requests that ended last, of all workers. */
  async gatherRequests(): Promise<void> {
    const answers = await this.#group.ask('recent', null, answerMs);
    const { recent } = this.#parts.sinks.traffic;
    const all = [...answers.values()].flat();
    const endOf = ({ startedAt, durationMs }: (typeof all)[number]): number =>
      startedAt + durationMs;
    recent.replace(all.sort((a, b) => endOf(a) - endOf(b)).slice(-recent.capacity));
  }

  async resetCounters(): Promise<void> {
    await this.#group.ask('reset-counters', null, answerMs);
    this.#counts.reset();
    await this.refresh();
  }

  async reopenLogs(): Promise<void> {
    await this.#group.ask('reopen-logs', null, answerMs);
  }

  /** Copies of the listening sockets of all workers. Rejects where one does not answer. */
  async lend(): Promise<LentSockets> {
    // One that starts now would bind its own, of which nobody knew.
    if (!this.#group.isWhole) throw new Error('a worker is being replaced');
    const { workers } = this.#group;
    const answers = await this.#group.ask('lend-sockets', null, lendMs);
    const sockets = workers.flatMap((worker) => worker.takeLent());
    const release = (): void => {
      for (const { handle } of sockets) handle.close();
    };
    if (answers.size === workers.length) return { sockets, release };
    release();
    throw new Error('a worker does not hand over its listening sockets');
  }

  /**
   * Lets open requests end, at most `drainMs`. Resolves when no worker is left. `gently`: see
   * `ListenerSet.shutDown`.
   */
  async stop(drainMs: number, gently = false): Promise<void> {
    this.#timer?.cancel();
    await this.#group.stop(drainMs, gently);
    await Promise.all(this.#passing);
  }

  /** Each inherited socket to one worker. */
  async #passOn(): Promise<void> {
    const { workers } = this.#group;
    const shares = shareSockets(this.#parts.inherited?.all ?? [], workers.length);
    await Promise.all(
      workers.flatMap((worker, index) => shares[index]?.map((socket) => worker.give(socket))),
    );
  }

  async #look(): Promise<void> {
    const reports = await this.#group.ask('report', null, answerMs);
    const present = new Set(this.#group.workers);
    for (const worker of reports.keys()) if (!present.has(worker)) reports.delete(worker);
    this.#counts.update(reports, this.#serving.snapshot.clusters);
  }

  #lookLater(): void {
    this.#timer = this.#parts.timers.set(lookMs, () => {
      this.#lookLater();
      void this.refresh();
    });
  }

  #spawn(number: number): WorkerHandle {
    const { start, logs, timers } = this.#parts;
    const worker: WorkerHandle = new WorkerHandle({
      start: { ...start, number, logLevels: logs.levels() },
      timers,
      pipesOutput: this.#relay !== null,
      onNotice: (notice) => this.#onNotice(notice),
    });
    const passing = worker.output === null ? undefined : this.#relay?.pass(worker.output);
    if (passing !== undefined) {
      this.#passing.add(passing);
      void passing.finally(() => this.#passing.delete(passing));
    }
    return worker;
  }

  /** One that takes the place of another has missed what was said before. */
  #onJoin(worker: WorkerHandle): void {
    const fails = this.#failsHealthChecks;
    if (fails) worker.tell({ kind: 'fail-health-checks', fails });
    if (this.#parts.sinks.traffic.hasReaders) {
      worker.tell({ kind: 'follow-traffic', wanted: true });
    }
  }

  #onNotice(notice: Notice): void {
    if (notice.kind === 'traffic') {
      this.#parts.sinks.traffic.onOthers(notice.records, notice.dropped);
      return;
    }
    const cluster = this.#serving.snapshot.clusters.get(notice.cluster);
    const endpoint = cluster?.endpoints.find(({ key }) => key === notice.endpoint);
    if (cluster === undefined || endpoint === undefined) return;
    if (notice.kind === 'ejected') cluster.onEjectedElsewhere(endpoint);
    else cluster.onImmediateHealthCheckFail(endpoint);
    // Also to the one that has said so: it may have been one too many.
    this.#group.tell({ kind: 'health', health: healthOf(endpoint) });
  }

  *#samples(): Iterable<Sample> {
    yield { kind: 'gauge', name: 'sluice_workers', value: this.#group.workers.length };
    yield { kind: 'counter', name: 'sluice_workers_ended_total', value: this.#replaced };
  }

  get #serving(): ProxyRuntime {
    if (this.#runtime === null) throw new Error('the primary has no runtime');
    return this.#runtime;
  }
}

/** What workers serve of `next`: listeners have the ports that the primary has found free. */
function configOf(next: Snapshot, secrets: Secrets, { listeners }: ProxyRuntime): WorkerConfig {
  const refused: string[] = [];
  const models = next.mesh.listeners.map((model) => {
    const port = listeners.portOf(model);
    if (port === null) refused.push(`${model.address}:${model.port}`);
    return port === null || port === model.port ? model : { ...model, port };
  });
  return { mesh: { ...next.mesh, listeners: models }, secrets, refused };
}

/** Endpoints of which there is something to say: where checks are made, and those that are ejected. */
function healthTable(clusters: Iterable<LiveCluster>): EndpointHealth[] {
  return [...clusters].flatMap(({ endpoints, model }) =>
    endpoints
      .filter(({ ejected }) => ejected || model.healthCheck !== null)
      .map((endpoint) => healthOf(endpoint)),
  );
}
