/** The inside of a worker process: a data plane that does as the primary says. */

import { systemClock } from '../../base/clock.ts';
import { setServingHeapFlags } from '../../base/heap-flags.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { systemTimers } from '../../base/timers.ts';
import { SystemResolver } from '../../cluster/discovery/system-resolver.ts';
import { LogRoot } from '../../telemetry/logger.ts';
import { reportMetrics } from '../../telemetry/metrics/metrics-report.ts';
import type { Sample } from '../../telemetry/metrics/sample.ts';
import { ListeningSocket, type ListenOptions } from '../../transport/listening-socket.ts';
import { createContext } from '../create-context.ts';
import { healthEventLogger } from '../health-event-log.ts';
import { HistogramTicker } from '../histogram-ticker.ts';
import type { BindFailure } from '../listener-set.ts';
import { openLocalCertificates } from '../open-local-certificates.ts';
import { ProxyRuntime } from '../proxy-runtime.ts';
import { socketsOf } from '../takeover/handover.ts';
import { InheritedSockets } from '../takeover/inherited-sockets.ts';
import type { HeldSocket } from '../takeover/takeover-protocol.ts';
import { TelemetrySinks } from '../telemetry-sinks.ts';
import { openConnections, trafficHistograms, trafficSamples } from '../traffic-samples.ts';
import { countsOf } from './endpoint-counts.ts';
import { FollowedHealth } from './followed-health.ts';
import type { Notice, Order, Questions, WorkerReport, WorkerStart } from './messages.ts';
import { TrafficFeed } from './traffic-feed.ts';

/** The primary counts them itself: it decides who is a member, and who is ejected. */
const countedByPrimary = /;\.(membership_\w+|outlier_detection\.ejections_active)$/;

interface Parts {
  readonly log: LogRoot;
  readonly sinks: TelemetrySinks;
  readonly health: FollowedHealth;
  readonly feed: TrafficFeed;
}

/** Between `prepare` and what becomes of it. */
interface Pending {
  readonly applied: Promise<readonly BindFailure[]>;
  readonly publish: () => void;
  readonly discard: (reason: Error) => void;
}

export class ServingWorker {
  readonly #log: LogRoot;
  readonly #sinks: TelemetrySinks;
  readonly #health: FollowedHealth;
  readonly #feed: TrafficFeed;
  readonly #ticker: HistogramTicker;
  /** Set by `start`, which needs this object to make it. */
  #runtime: ProxyRuntime | null = null;
  readonly #inherited = new InheritedSockets();
  #refused: ReadonlySet<string> = new Set();
  #built: PromiseWithResolvers<void> = Promise.withResolvers();
  #decision: PromiseWithResolvers<void> = Promise.withResolvers();
  #pending: Pending | null = null;

  private constructor({ log, sinks, health, feed }: Parts) {
    this.#log = log;
    this.#sinks = sinks;
    this.#health = health;
    this.#feed = feed;
    this.#ticker = new HistogramTicker(sinks.registry, systemTimers);
  }

  /** Serves nothing yet. The error is one line for the user. */
  static async start(
    start: WorkerStart,
    tell: (notice: Notice) => void,
  ): Promise<Result<ServingWorker, string>> {
    const log = new LogRoot({
      clock: systemClock,
      write: (line) => process.stderr.write(line),
    });
    for (const component of start.logLevels.keys()) log.logger(component);
    for (const [component, level] of start.logLevels) log.setLevel(component, level);
    const sinks = new TelemetrySinks(systemTimers, log.logger('access-log'), log.logger('tracing'));
    const { mesh } = start;
    const configured = await sinks.configure(mesh.proxy, mesh.telemetry);
    if (!configured.ok) return configured;
    const onHealthEvent = healthEventLogger(log.logger('health'));
    const health = new FollowedHealth({ tell, onHealthEvent });
    const { traffic } = sinks;
    const feed = new TrafficFeed(start.number, { traffic, timers: systemTimers, tell });
    const worker = new ServingWorker({ log, sinks, health, feed });
    const problem = await worker.#assemble(start);
    return problem === null ? ok(worker) : err(problem);
  }

  /** What is wrong; null: nothing. */
  async #assemble({ mesh, seed, number, localTls }: WorkerStart): Promise<string | null> {
    const context = createContext(mesh, {
      sinks: this.#sinks,
      log: this.#log,
      // The same for all would make all choose the same endpoint.
      seed: seed === null ? null : seed + number,
      listen: (options) => this.#listen(options),
      onFirstConnection: setServingHeapFlags,
    });
    if (localTls) {
      const local = await openLocalCertificates(systemClock, this.#log.logger('local-tls'));
      if (!local.ok) return local.error;
      context.tls.localCertificates = local.value;
    }
    const runtime = new ProxyRuntime(context, new SystemResolver(), {
      leader: this.#health,
      overloadLog: this.#log.logger('overload'),
      beforeOpen: () => {
        this.#built.resolve();
        return this.#decision.promise;
      },
    });
    this.#runtime = runtime;
    const { registry } = this.#sinks;
    registry.addCollector(() => workerSamples(runtime));
    registry.addHistograms(trafficHistograms(runtime));
    this.#ticker.start();
    return null;
  }

  async #listen(options: ListenOptions): ReturnType<typeof ListeningSocket.open> {
    if (this.#refused.has(`${options.address}:${options.port}`)) {
      return err({ code: 'EADDRINUSE', message: 'the primary could not bind it' });
    }
    const inherited = this.#inherited.open(options);
    if (inherited !== null) return ok(inherited);
    return ListeningSocket.open({ ...options, reusePort: true });
  }

  heed(order: Order): void {
    const runtime = this.#serving;
    switch (order.kind) {
      case 'health':
        this.#health.note(order.health);
        runtime.snapshot.clusters.get(order.health.cluster)?.followHealth(order.health);
        break;
      case 'secrets':
        runtime.tls.addSecrets(order.secrets);
        break;
      case 'follow-traffic':
        this.#feed.follow(order.wanted);
        break;
      case 'fail-health-checks':
        runtime.failsHealthChecks = order.fails;
        break;
      case 'end-connections':
        runtime.listeners.endConnections(
          ({ direction }) => direction === 'inbound' || !order.inboundOnly,
          order.acceptMs,
        );
        break;
      case 'log-level':
        this.#log.setLevel(order.component, order.level);
        break;
    }
  }

  async prepare(config: Questions['prepare'][0]): Promise<null> {
    const { mesh, secrets } = config;
    this.#health.replace(config.health);
    this.#refused = new Set(config.refused);
    this.#built = Promise.withResolvers();
    const decision = Promise.withResolvers<void>();
    this.#decision = decision;
    const applied = this.#serving.apply(mesh, secrets);
    await Promise.race([this.#built.promise, applied]);
    // Discarding is no failure of this worker.
    applied.catch(() => undefined);
    this.#pending = { applied, publish: decision.resolve, discard: decision.reject };
    return null;
  }

  async publish(): Promise<readonly string[]> {
    const pending = this.#pending;
    this.#pending = null;
    if (pending === null) throw new Error('nothing has been prepared');
    pending.publish();
    const failures = await pending.applied;
    const started = await this.#inherited.start();
    if (!started.ok) throw new Error(`cannot listen: ${started.error.message}`);
    this.#inherited.closeRest();
    const { proxy, telemetry } = this.#serving.snapshot.mesh;
    const configured = await this.#sinks.configure(proxy, telemetry);
    // The primary opens the same files, and says so to the user.
    if (!configured.ok) this.#log.logger('access-log').debug(configured.error);
    return failures.map(({ listener }) => listener.name);
  }

  async discard(): Promise<null> {
    const pending = this.#pending;
    this.#pending = null;
    pending?.discard(new Error('discarded by the primary'));
    await pending?.applied.catch(() => undefined);
    return null;
  }

  report(): WorkerReport {
    const { traffic, registry } = this.#sinks;
    return {
      metrics: reportMetrics(registry),
      endpoints: countsOf(this.#serving.snapshot.clusters.values()),
      ended: traffic.ended,
      unrecorded: traffic.unrecorded,
    };
  }

  recent(): Questions['recent'][1] {
    return this.#feed.recent();
  }

  async reopenLogs(): Promise<null> {
    await this.#sinks.reopen();
    return null;
  }

  resetCounters(): null {
    this.#sinks.registry.reset();
    return null;
  }

  /** Those of its listeners, which go on using them. */
  sockets(): readonly HeldSocket[] {
    return socketsOf(this.#serving.listeners);
  }

  /** For a listener of the configuration that comes next. */
  inherit(socket: HeldSocket): void {
    this.#inherited.add(socket);
  }

  async stop({ drainMs, gently }: Questions['stop'][0]): Promise<WorkerReport> {
    await this.discard();
    await this.#serving.shutDown(drainMs, gently);
    this.#ticker.stop();
    const report = this.report();
    await this.#sinks.close();
    return report;
  }

  get #serving(): ProxyRuntime {
    if (this.#runtime === null) throw new Error('the worker has not started');
    return this.#runtime;
  }
}

function* workerSamples(runtime: ProxyRuntime): Iterable<Sample> {
  for (const sample of trafficSamples(runtime)) {
    if (!countedByPrimary.test(sample.name)) yield sample;
  }
  const { heapUsed, heapTotal, rss } = process.memoryUsage();
  const gauges: readonly (readonly [name: string, value: number])[] = [
    ['total_connections', openConnections(runtime)],
    ['memory_allocated', heapUsed],
    ['memory_heap_size', heapTotal],
    ['memory_physical_size', rss],
  ];
  for (const [name, value] of gauges) yield { kind: 'gauge', name: `server.${name}`, value };
}
