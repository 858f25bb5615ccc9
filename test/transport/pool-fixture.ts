/** A pool of connections to an origin of the test's own, on virtual time, and who uses it. */

import type { Test } from 'tap';
import { TimerWheel } from '../../src/base/timer-wheel.ts';
import { ClusterStats } from '../../src/cluster/cluster-stats.ts';
import type { HeaderList } from '../../src/http1/header-list.ts';
import type { ResponseHead } from '../../src/http1/message-head.ts';
import { OutputSlabs } from '../../src/http2/output-slabs.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import type { Http1Connection } from '../../src/transport/http1-connection.ts';
import { Http1Pool } from '../../src/transport/http1-pool.ts';
import type { UpstreamExchange } from '../../src/transport/upstream-exchange.ts';
import type {
  ConnectionEnds,
  ConnectionGate,
  PoolDependencies,
  PoolSettings,
} from '../../src/transport/upstream-pool.ts';
import type { UpstreamStream } from '../../src/transport/upstream-stream.ts';
import { WriteQueue } from '../../src/transport/write-queue.ts';
import { eventually } from '../support/deadline.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { Origin, type OriginHandler } from '../support/origin.ts';
import { testReadBuffer } from '../support/read-buffer.ts';

/** A circuit breaker with limits of its own. */
export class CountingGate implements ConnectionGate {
  connectionsMax = Number.POSITIVE_INFINITY;
  pendingMax = Number.POSITIVE_INFINITY;
  connections = 0;
  pending = 0;
  readonly failures: ('refused' | 'timeout')[] = [];
  readonly stats = new ClusterStats();

  tryOpenConnection(): boolean {
    if (this.connections >= this.connectionsMax) return false;
    this.openConnection();
    return true;
  }

  openConnection(): void {
    this.connections++;
  }

  connectionClosed(): void {
    this.connections--;
  }

  tryPend(): boolean {
    if (this.pending >= this.pendingMax) return false;
    this.pending++;
    return true;
  }

  pendingDone(): void {
    this.pending--;
  }

  connectFailed(timedOut: boolean): void {
    this.failures.push(timedOut ? 'timeout' : 'refused');
  }
}

/** Keeps what it is told: `connection`, `head 200`, `body abc`, `end`, `failure reset` … */
export class RecordingExchange<S extends UpstreamStream = Http1Connection>
  implements UpstreamExchange
{
  readonly name: string;
  readonly events: string[] = [];
  connection: S | null = null;
  /** Whether it takes the connection that it is offered. */
  wanted = true;
  readonly #order: string[];

  constructor(name: string, order: string[]) {
    this.name = name;
    this.#order = order;
  }

  onStream(connection: UpstreamStream): boolean {
    this.#order.push(this.name);
    if (!this.wanted) return false;
    this.connection = connection as S;
    this.events.push('connection');
    return true;
  }

  onInformational(head: ResponseHead): void {
    this.events.push(`informational ${head.status}`);
  }

  onResponseHead(head: ResponseHead): void {
    this.events.push(`head ${head.status}`);
  }

  onResponseBody(bytes: Buffer, start: number, end: number): void {
    this.events.push(`body ${bytes.toString('latin1', start, end)}`);
  }

  onResponseEnd(trailers: HeaderList | null): void {
    this.events.push(trailers === null ? 'end' : `end ${trailers.flat.join()}`);
  }

  onFailure(failure: string): void {
    this.connection = null;
    this.events.push(`failure ${failure}`);
    this.#order.push(`${this.name} failed`);
  }

  onDrain(): void {
    this.events.push('drain');
  }
}

export const defaultSettings: PoolSettings = {
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 3_600_000,
  maxRequestsPerConnection: 0,
  maxConnectionDurationMs: 0,
  tcpKeepalive: null,
  maxConcurrentStreams: 2_147_483_647,
  http2Keepalive: null,
};

/** Virtual time, and counts without limits. */
export class PoolEnvironment {
  readonly clock = new ManualClock(1_000);
  readonly timers = new ManualTimers(this.clock);
  readonly gate = new CountingGate();

  dependencies(port: number): PoolDependencies {
    return {
      address: { address: '127.0.0.1', port },
      gate: this.gate,
      clock: this.clock,
      wheel: new TimerWheel(this.timers, this.clock),
      turns: new WriteQueue(),
      readBuffer: testReadBuffer(),
      http2Slabs: new OutputSlabs(),
      tls: null,
      prologue: '',
      isForbidden: null,
    };
  }
}

export interface PoolOptions {
  readonly handler?: OriginHandler;
  /** Nobody listens. */
  readonly refusing?: boolean;
  readonly isForbidden?: (ends: ConnectionEnds) => boolean;
}

export class PoolFixture {
  readonly #environment = new PoolEnvironment();
  readonly pool: Http1Pool;
  readonly origin: Origin;
  /** Names of exchanges as they got connections. */
  readonly order: string[] = [];

  private constructor(
    origin: Origin,
    port: number,
    options: { readonly settings: Partial<PoolSettings> } & PoolOptions,
  ) {
    const { settings } = options;
    this.origin = origin;
    this.pool = new Http1Pool({ ...defaultSettings, ...settings }, defaultLimits, {
      ...this.#environment.dependencies(port),
      isForbidden: options.isForbidden ?? null,
    });
  }

  get clock(): ManualClock {
    return this.#environment.clock;
  }

  get timers(): ManualTimers {
    return this.#environment.timers;
  }

  get gate(): CountingGate {
    return this.#environment.gate;
  }

  static async start(
    t: Test,
    settings: Partial<PoolSettings> = {},
    options: PoolOptions = {},
  ): Promise<PoolFixture> {
    const origin = await Origin.start(options.handler ?? (() => undefined));
    const { port } = origin;
    if (options.refusing === true) await origin.stop();
    const fixture = new PoolFixture(origin, port, { settings, ...options });
    t.teardown(async () => {
      fixture.pool.drain();
      await origin.stop();
    });
    return fixture;
  }

  exchange(name: string): RecordingExchange {
    return new RecordingExchange(name, this.order);
  }

  /** An exchange that has a connection, reused or new. */
  async acquire(name = 'any'): Promise<{
    exchange: RecordingExchange;
    connection: Http1Connection;
  }> {
    const exchange = this.exchange(name);
    const acquired = this.pool.acquire(exchange);
    if (acquired === 'overflow') throw new Error('overflow');
    if (acquired !== 'pending') exchange.onStream(acquired);
    await this.until(`connection of ${name}`, () => exchange.connection !== null);
    return { exchange, connection: exchange.connection as Http1Connection };
  }

  /** That many connections, all in use. */
  async acquireMany(count: number): Promise<Http1Connection[]> {
    const connections: Http1Connection[] = [];
    for (let i = 0; i < count; i++) connections.push((await this.acquire()).connection);
    return connections;
  }

  until(what: string, holds: () => boolean): Promise<boolean> {
    return eventually(what, { within: 5_000, every: 1 }, holds);
  }

  /** Nothing is counted any more. */
  async settled(): Promise<void> {
    await this.until('counts at zero', () => this.gate.connections === 0);
    if (this.gate.pending !== 0) throw new Error(`${this.gate.pending} pending`);
    if (this.pool.openConnections !== 0) throw new Error('open connections');
  }
}
