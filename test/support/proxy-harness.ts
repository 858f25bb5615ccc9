/** A proxy within the test's process, on real sockets and, where wanted, on virtual time. */

import type { Test } from 'tap';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { TimerWheel } from '../../src/base/timer-wheel.ts';
import { systemTimers, type Timers } from '../../src/base/timers.ts';
import { WallTime } from '../../src/base/wall-time.ts';
import type { DnsResolver } from '../../src/cluster/discovery/dns-discovery.ts';
import type { LiveCluster } from '../../src/cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../src/cluster/live-endpoint.ts';
import { OutputSlabs } from '../../src/http2/output-slabs.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import { DateHeader } from '../../src/proxy/downstream/date-header.ts';
import type { ActiveListener } from '../../src/proxy/listener/active-listener.ts';
import { OverloadState } from '../../src/proxy/overload/overload-state.ts';
import type { ProxyContext } from '../../src/proxy/proxy-context.ts';
import { emptySnapshot } from '../../src/runtime/build-snapshot.ts';
import { ProxyRuntime } from '../../src/runtime/proxy-runtime.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics/metrics.ts';
import { TcpMetrics } from '../../src/telemetry/metrics/tcp-metrics.ts';
import { formatResponseFlags } from '../../src/telemetry/response-flags.ts';
import type { StreamInfo } from '../../src/telemetry/stream-info.ts';
import { TlsAcceptor } from '../../src/transport/tls-acceptor.ts';
import { TlsContexts } from '../../src/transport/tls-contexts.ts';
import { WriteQueue } from '../../src/transport/write-queue.ts';
import { hash64 } from '../cluster/cluster-fixture.ts';
import { eventually } from './deadline.ts';
import { ManualClock } from './manual-clock.ts';
import { ManualTimers } from './manual-timers.ts';
import { exchange, RawConnection, type RawResponse } from './raw-client.ts';
import { testReadBuffer } from './read-buffer.ts';

/** An exchange as it was when it ended. */
export interface EndedExchange {
  readonly status: number;
  /** As the access log prints them. */
  readonly flags: string;
  readonly details: string;
  readonly attempts: number;
  readonly received: number;
  readonly sent: number;
  readonly info: StreamInfo;
}

export interface HarnessOptions {
  /** Time passes only by `advance`. */
  readonly manualTime?: boolean;
  readonly resolver?: DnsResolver;
}

const noNames: DnsResolver = { resolve: () => Promise.reject(new Error('no such name')) };

export class ProxyHarness {
  readonly runtime: ProxyRuntime;
  readonly context: ProxyContext;
  /** Every end that was told, in order, of exchanges and of TCP connections. */
  readonly ended: EndedExchange[] = [];
  readonly metrics = new MetricsRegistry();
  readonly tcpMetrics: TcpMetrics;
  readonly #manual: ManualTimers | null;

  private constructor(mesh: Mesh, options: HarnessOptions) {
    const manualClock = new ManualClock(1_000, Date.UTC(2026, 0, 1));
    this.#manual = options.manualTime === true ? new ManualTimers(manualClock) : null;
    const clock: Clock = this.#manual === null ? systemClock : manualClock;
    const timers: Timers = this.#manual ?? systemTimers;
    this.tcpMetrics = new TcpMetrics(this.metrics, mesh.proxy);
    this.context = {
      snapshot: emptySnapshot(mesh),
      nextConnectionId: 1,
      failsHealthChecks: false,
      onFirstConnection: null,
      overload: new OverloadState(),
      clock,
      timers,
      random: new SeededRandom(1),
      wheel: new TimerWheel(timers, clock),
      turns: new WriteQueue(),
      hash64,
      wallTime: new WallTime(clock),
      date: new DateHeader(clock),
      tls: new TlsContexts(clock),
      tlsAcceptor: new TlsAcceptor(),
      readBuffer: testReadBuffer(),
      http2Slabs: new OutputSlabs(),
      onStreamEnd: (info) => this.ended.push(summary(info)),
      tcpCounters: (info) => this.tcpMetrics.countersOf(info),
      onTcpEnd: (info) => this.ended.push(summary(info)),
    };
    this.runtime = new ProxyRuntime(this.context, options.resolver ?? noNames);
  }

  /** Serves `mesh` until the test ends. */
  static async start(
    t: Pick<Test, 'teardown'>,
    mesh: Mesh,
    options: HarnessOptions = {},
  ): Promise<ProxyHarness> {
    const harness = new ProxyHarness(mesh, options);
    t.teardown(async () => {
      for (const listener of harness.runtime.listeners.active) listener.destroyConnections();
      const down = harness.runtime.shutDown(1);
      harness.#manual?.advance(60_000);
      await down;
    });
    const failures = await harness.runtime.apply(mesh);
    if (failures.length > 0) throw new Error(failures.map(({ error }) => error.code).join());
    return harness;
  }

  get listener(): ActiveListener {
    return this.runtime.listeners.active[0] as ActiveListener;
  }

  get port(): number {
    return this.listener.boundPort;
  }

  cluster(name = 'origin'): LiveCluster {
    const cluster = this.runtime.snapshot.clusters.get(name);
    if (cluster === undefined) throw new Error(`no cluster ${name}`);
    return cluster;
  }

  endpoint(index = 0, cluster = 'origin'): LiveEndpoint {
    const endpoint = this.cluster(cluster).endpoints[index];
    if (endpoint === undefined) throw new Error(`no endpoint ${index} of ${cluster}`);
    return endpoint;
  }

  /** Virtual time only. */
  advance(ms: number): void {
    if (this.#manual === null) throw new Error('time is real');
    this.#manual.advance(ms);
  }

  connect(): Promise<RawConnection> {
    return RawConnection.connect({ port: this.port });
  }

  /** One request on a connection of its own. */
  send(bytes: string | Uint8Array, method = 'GET'): Promise<RawResponse> {
    return exchange(bytes, { port: this.port, method });
  }

  /** The exchange that ended as number `count`, once it has. */
  async ending(count = 1): Promise<EndedExchange> {
    await this.until(`end of exchange ${count}`, () => this.ended.length >= count);
    return this.ended[count - 1] as EndedExchange;
  }

  /** Waits for an effect of what has been sent. */
  async until(what: string, holds: () => boolean): Promise<void> {
    await eventually(what, { within: 5_000, every: 1 }, holds);
  }

  /** What is still counted as under way; all zero when nothing is. */
  get load(): { readonly [count: string]: number } {
    const { breaker, endpoints } = this.cluster();
    return {
      requests: breaker.requests,
      pending: breaker.pending,
      retries: breaker.retries,
      endpointRequests: endpoints.reduce((sum, endpoint) => sum + endpoint.activeRequests, 0),
      downstreamRequests: this.listener.stats.downstreamRqActive,
    };
  }
}

/** `ProxyHarness.load` of a proxy at rest. */
export const noLoad = {
  requests: 0,
  pending: 0,
  retries: 0,
  endpointRequests: 0,
  downstreamRequests: 0,
};

function summary(info: StreamInfo): EndedExchange {
  // Whoever changes it after its end throws.
  Object.freeze(info);
  return {
    status: info.status,
    flags: formatResponseFlags(info.responseFlags),
    details: info.details,
    attempts: info.attempts,
    received: info.bytesReceived,
    sent: info.bytesSent,
    info,
  };
}
