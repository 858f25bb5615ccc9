/**
 * Tracing of both sides: sampled exchanges become spans when they have ended, and go to the
 * collector of their side. Collectors are kept while the configuration names them.
 */

import { err, ok, type Result } from '../base/result.ts';
import type { Timers } from '../base/timers.ts';
import type { Collector } from '../model/collector.ts';
import type { ProxyIdentity } from '../model/proxy-identity.ts';
import type { MeshTelemetry } from '../model/telemetry-settings.ts';
import type { TracingSettings } from '../model/tracing-settings.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Sample } from '../telemetry/metrics/sample.ts';
import type { StreamInfo } from '../telemetry/stream-info.ts';
import { CustomTags } from '../telemetry/tracing/custom-tags.ts';
import { EndedExchanges, type TracedSide } from '../telemetry/tracing/ended-exchanges.ts';
import type { SpanEncoder } from '../telemetry/tracing/span-encoder.ts';
import { SpanQueue } from '../telemetry/tracing/span-queue.ts';
import { SpanRecords } from '../telemetry/tracing/span-records.ts';
import { loadTraceExporter } from '../telemetry/tracing/trace-exporter.ts';
import { defaultResource } from '../telemetry/tracing/trace-resource.ts';
import { TraceStats } from '../telemetry/tracing/trace-stats.ts';

/** A collector that is sent to. */
interface OpenCollector {
  readonly encoder: SpanEncoder;
  readonly queue: SpanQueue;
}

export class TracingSet {
  readonly #timers: Timers;
  readonly #logger: Logger;
  /** By what is sent to them, and where. */
  #open: ReadonlyMap<string, OpenCollector> = new Map();
  /** They outlive their collectors. */
  readonly #stats = new Map<string, TraceStats>();
  #client: TracedSide | null = null;
  #server: TracedSide | null = null;
  readonly #ended: EndedExchanges;

  constructor(timers: Timers, logger: Logger) {
    this.#timers = timers;
    this.#logger = logger;
    this.#ended = new EndedExchanges(timers, logger);
  }

  /** Follows a configuration; an error leaves everything as it was. */
  async configure(
    identity: ProxyIdentity,
    { client, server }: MeshTelemetry,
  ): Promise<Result<void, string>> {
    const next = new Map<string, OpenCollector>();
    try {
      const clientSide = await this.#sideOf(client.tracing, identity, next);
      const serverSide = await this.#sideOf(server.tracing, identity, next);
      this.#client = clientSide;
      this.#server = serverSide;
    } catch (error) {
      return err(`tracing: ${(error as Error).message}`);
    }
    // Before the queue closes that they belong to.
    this.#ended.startAnew();
    const previous = this.#open;
    this.#open = next;
    // What they still have to send does not hold up the configuration.
    for (const [key, { queue }] of previous) if (!next.has(key)) void queue.close();
    return ok(undefined);
  }

  /** Once for each exchange, when it is over. */
  record(info: StreamInfo): void {
    const { spans } = info;
    if (spans === null) {
      this.#ended.pass();
      return;
    }
    const side = info.listener.direction === 'inbound' ? this.#server : this.#client;
    if (side !== null) this.#ended.add(side, info, spans);
  }

  /** Sends what there is; exchanges that end later are dropped. */
  async close(): Promise<void> {
    this.#ended.encode();
    await Promise.all([...this.#open.values()].map(({ queue }) => queue.close()));
  }

  *samples(): Iterable<Sample> {
    for (const stats of this.#stats.values()) yield* stats.samples();
  }

  async #sideOf(
    settings: TracingSettings | null,
    identity: ProxyIdentity,
    next: Map<string, OpenCollector>,
  ): Promise<TracedSide | null> {
    if (settings === null || settings.collector === null) return null;
    const { collector, resource, maxPathTagLength } = settings;
    const layers = { defaults: defaultResource(identity), configured: resource };
    const key = JSON.stringify([collector, layers]);
    const open = next.get(key) ?? this.#open.get(key) ?? (await this.#connect(collector, layers));
    next.set(key, open);
    const { queue, encoder } = open;
    const tags = new CustomTags(settings, identity);
    return { queue, records: new SpanRecords({ encoder, tags, maxPathTagLength }) };
  }

  async #connect(
    collector: Collector,
    layers: Parameters<typeof loadTraceExporter>[1],
  ): Promise<OpenCollector> {
    const { encoder, exporter } = await loadTraceExporter(collector, layers);
    const stats = this.#statsOf(collector);
    const options = { collector, timers: this.#timers, logger: this.#logger, stats };
    return { encoder, queue: new SpanQueue(exporter, options) };
  }

  #statsOf({ protocol }: Collector): TraceStats {
    const tracer = protocol === 'zipkin' ? 'zipkin' : 'opentelemetry';
    const known = this.#stats.get(tracer);
    if (known !== undefined) return known;
    const stats = new TraceStats(tracer);
    this.#stats.set(tracer, stats);
    return stats;
  }
}
