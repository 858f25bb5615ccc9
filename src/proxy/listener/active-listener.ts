/** A listener at work: its bound port and its connections. Its model is replaced by a reload. */

import { err, ok, type Result } from '../../base/result.ts';
import type { Listener } from '../../model/listener.ts';
import type { ListenerStats } from '../../telemetry/metrics/listener-stats.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import type { StreamInfo } from '../../telemetry/stream-info.ts';
import type { AcceptedHandle } from '../../transport/accept.ts';
import {
  type BindError,
  ListeningSocket,
  type ListenOptions,
} from '../../transport/listening-socket.ts';
import { DownstreamConnection } from '../connection/downstream-connection.ts';
import type { ProxyContext } from '../proxy-context.ts';
import { type ActiveFilterChain, adoptFilterChains } from './active-filter-chain.ts';
import { ConnectionInspector } from './connection-inspector.ts';
import { FilterChainMatcher } from './filter-chain-matcher.ts';
import { startChain, unseen } from './start-chain.ts';

export class ActiveListener {
  readonly context: ProxyContext;
  readonly stats: ListenerStats;
  /** In the order of the model. */
  filterChains: readonly ActiveFilterChain[] = [];
  /** Which of them a connection goes to. */
  matcher = new FilterChainMatcher<ActiveFilterChain>([]);

  #model: Listener;
  #socket: ListeningSocket | null = null;
  #draining = false;
  #endsConnections = false;
  /** The port is closed for a while. */
  #paused = false;
  #reopening = false;
  #reopenFailed = false;
  readonly #connections = new Set<DownstreamConnection>();
  /** Who waits for the last connection to end. */
  readonly #onIdle: (() => void)[] = [];

  constructor(model: Listener, stats: ListenerStats, context: ProxyContext) {
    this.stats = stats;
    this.context = context;
    this.#model = model;
    this.adopt(model);
  }

  get model(): Listener {
    return this.#model;
  }

  /**
   * Serves `model` from now on. Connections of filter chains that are gone, or let in others now,
   * drain; those that still have any are returned. Routes and settings of HTTP end no connection.
   */
  adopt(model: Listener): ReadonlySet<ActiveFilterChain> {
    const before = this.filterChains;
    // Who a client is, and where it wanted to go, is known in another way then.
    const goOn = model.proxyProtocol === this.#model.proxyProtocol ? before : [];
    this.#model = model;
    this.filterChains = adoptFilterChains(model.filterChains, goOn, this.context.tls);
    this.matcher = new FilterChainMatcher(this.filterChains);
    const left = new Set<ActiveFilterChain>();
    const staying = new Set(this.filterChains);
    for (const connection of this.#connections) {
      const { chain } = connection;
      if (chain === null || staying.has(chain)) continue;
      left.add(chain);
      connection.drain();
    }
    return left;
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  /** It accepts no connections any more. */
  get draining(): boolean {
    return this.#draining;
  }

  /** null before `open`. */
  get socket(): ListeningSocket | null {
    return this.#socket;
  }

  /** Its port is open. */
  get accepts(): boolean {
    return this.#socket !== null && !this.#draining && !this.#paused;
  }

  /** The port really bound; 0 before `open`. */
  get boundPort(): number {
    return this.#socket?.port ?? 0;
  }

  async open(): Promise<Result<void, BindError>> {
    const opened = await this.#listen(this.model.port);
    if (!opened.ok) return err(opened.error);
    this.#socket = opened.value;
    this.#draining = false;
    this.#paused = false;
    return ok(undefined);
  }

  /**
   * Closes the port for a while, or opens it again, as often as it is called. Open connections go
   * on. `onFailure` hears once why it cannot be opened; every further call tries it.
   */
  setAccepting(accepts: boolean, onFailure: (error: BindError) => void): void {
    if (accepts !== this.#paused || this.#draining || this.#reopening) return;
    if (accepts) void this.#reopen(onFailure);
    else if (this.#socket !== null) {
      this.#paused = true;
      this.#socket.close();
    }
  }

  async #reopen(onFailure: (error: BindError) => void): Promise<void> {
    this.#reopening = true;
    const opened = await this.#listen(this.boundPort);
    this.#reopening = false;
    if (!opened.ok) {
      if (!this.#reopenFailed) onFailure(opened.error);
      this.#reopenFailed = true;
      return;
    }
    this.#socket = opened.value;
    this.#paused = false;
    this.#reopenFailed = false;
    if (this.#draining) opened.value.close();
  }

  #listen(port: number): Promise<Result<ListeningSocket, BindError>> {
    const options: ListenOptions = {
      address: this.model.address,
      port,
      onConnection: (handle) => this.#accept(handle),
      onAcceptError: () => {
        this.stats.downstreamCxOverflow++;
      },
    };
    return this.context.listen?.(options) ?? ListeningSocket.open(options);
  }

  /** Each connection, also a new one, ends with its next response. */
  get endsConnections(): boolean {
    const { failsHealthChecks, overload } = this.context;
    return this.#endsConnections || failsHealthChecks || overload.disableHttpKeepalive;
  }

  /** From now on, and for good. It goes on accepting. */
  endConnections(): void {
    this.#endsConnections = true;
  }

  stopAccepting(): void {
    this.#draining = true;
    this.#socket?.close();
  }

  /** Stops accepting and lets every connection end with its exchange; resolves when all are gone. */
  drain(): Promise<void> {
    this.stopAccepting();
    for (const connection of this.#connections) connection.drain();
    return this.#whenIdle();
  }

  /**
   * The same without the risk that an idle connection ends while a request is on its way: it ends
   * with the next response, or by HTTP/2's GOAWAY.
   */
  windDown(): Promise<void> {
    this.stopAccepting();
    this.endConnections();
    for (const connection of this.#connections) connection.announceEnd();
    return this.#whenIdle();
  }

  #whenIdle(): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Ends every connection of these chains at once. */
  destroyConnectionsOf(chains: ReadonlySet<ActiveFilterChain>): void {
    for (const connection of this.#connections) {
      if (connection.chain !== null && chains.has(connection.chain)) connection.destroy();
    }
  }

  /** Ends every connection at once. */
  destroyConnections(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  // Reports from connections and streams.

  onStreamStart(): void {
    this.stats.downstreamRqTotal++;
    this.stats.downstreamRqActive++;
  }

  onStreamEnd(info: StreamInfo): void {
    const { stats } = this;
    stats.downstreamRqActive--;
    stats.rqTime.record(info.endedAt - info.startedAt);
    if (info.status > 0) stats.countResponse(info.status);
    if (info.details !== 'via_upstream' || info.responseFlags !== 0) countOddEnd(stats, info);
  }

  /** The connection has become another protocol's. */
  onUpgrade(): void {
    this.stats.downstreamCxUpgradesTotal++;
    this.stats.downstreamCxUpgradesActive++;
  }

  /** It has ended because the listener ends connections, or drains. */
  onDrainClose(): void {
    this.stats.downstreamCxDrainClose++;
    if (this.context.overload.disableHttpKeepalive)
      this.stats.downstreamCxOverloadDisableKeepalive++;
  }

  onCodecError(): void {
    this.stats.downstreamCxProtocolError++;
  }

  onConnectionClosed(connection: DownstreamConnection): void {
    if (!this.#connections.delete(connection)) return;
    this.context.overload.openConnections--;
    this.stats.downstreamCxActive--;
    this.stats.downstreamCxDestroy++;
    this.stats.cxLengthMs.record(this.context.clock.now() - connection.acceptedAt);
    if (this.#connections.size > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #accept(handle: AcceptedHandle): void {
    this.context.onFirstConnection?.();
    this.context.onFirstConnection = null;
    if (!this.#admits(handle)) {
      handle.close();
      return;
    }
    this.context.overload.openConnections++;
    this.stats.downstreamCxTotal++;
    this.stats.downstreamCxActive++;
    const connection = new DownstreamConnection(handle, this);
    this.#connections.add(connection);
    const { only } = this.matcher;
    if (only !== null && !this.model.proxyProtocol) {
      startChain(connection, only, unseen);
      return;
    }
    const inspector = new ConnectionInspector(connection);
    connection.handler = inspector;
    inspector.start();
  }

  /** In Envoy's order: what all listeners have, what overload asks for, what this one has. */
  #admits({ fd = -1 }: AcceptedHandle): boolean {
    const { stats } = this;
    const { overload, random } = this.context;
    const { rejectIncomingConnections: share } = overload;
    if (overload.openConnections >= overload.maxConnections) {
      stats.downstreamGlobalCxOverflow++;
      return false;
    }
    const isRejected = share > 0 && random.fraction() < share;
    if (isRejected || fd >= overload.descriptorLimit) {
      stats.downstreamCxOverloadReject++;
      return false;
    }
    if (this.#connections.size < this.model.limits.connectionsPerListener) return true;
    stats.downstreamCxOverflow++;
    return false;
  }
}

const clientGone = responseFlag.downstreamTermination | responseFlag.downstreamRemoteReset;

/** Counters of exchanges that did not simply get an upstream's response. */
function countOddEnd(stats: ListenerStats, info: StreamInfo): void {
  const flags = info.responseFlags;
  if ((flags & responseFlag.noRoute) !== 0) stats.noRoute++;
  if ((flags & responseFlag.noCluster) !== 0) stats.noCluster++;
  if ((flags & clientGone) !== 0) stats.downstreamRqRxReset++;
  if (info.status === 431) stats.downstreamRqTooLarge++;
  if (info.details === 'direct_response') stats.rqDirectResponse++;
}
