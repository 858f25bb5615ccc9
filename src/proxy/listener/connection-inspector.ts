/**
 * Reads the first bytes of a connection where its listener has more than one way to go, as Envoy's
 * listener filters do: PROXY protocol, TLS, HTTP. Chooses the filter chain by them and hands the
 * connection over with what has been read.
 */

import { OwnedTimer } from '../../base/timer-wheel.ts';
import type { ListenerStats } from '../../telemetry/metrics/listener-stats.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import { type ClientHello, ClientHelloReader } from '../../transport/client-hello.ts';
import { HttpDetector } from '../../transport/http-detection.ts';
import { parseProxyHeader } from '../../transport/proxy-protocol.ts';
import type { ConnectionHandler } from '../connection/connection-handler.ts';
import type { DownstreamConnection } from '../connection/downstream-connection.ts';
import type { ConnectionFacts, DestinationChains } from './filter-chain-matcher.ts';
import { FirstBytes } from './first-bytes.ts';
import { startChain } from './start-chain.ts';

/** What is waited for. `over`: the connection is somebody else's, or closed. */
type Stage = 'proxy-header' | 'protocol' | 'over';

const noBytes = Buffer.alloc(0);

export class ConnectionInspector implements ConnectionHandler {
  readonly #connection: DownstreamConnection;
  readonly #timer = new OwnedTimer(this);
  readonly #first = new FirstBytes();
  readonly #hello = new ClientHelloReader();
  readonly #http = new HttpDetector();
  #stage: Stage;
  /** Length of the PROXY protocol header: what follows is the connection's own. */
  #headerLength = 0;

  constructor(connection: DownstreamConnection) {
    this.#connection = connection;
    this.#stage = connection.listener.model.proxyProtocol ? 'proxy-header' : 'protocol';
  }

  /** Hands over at once where no byte is needed: servers may be the first to speak. */
  start(): void {
    const { context, listener } = this.#connection;
    this.#look(noBytes);
    const { requestHeadTimeoutMs } = listener.model.limits;
    if (this.#stage === 'over' || requestHeadTimeoutMs === 0) return;
    context.wheel.arm(this.#timer, requestHeadTimeoutMs);
  }

  onBytes(bytes: Buffer, start: number, end: number): void {
    if (this.#stage === 'over') return;
    const piece = bytes.subarray(start, end);
    const isFirst = this.#first.length === 0;
    const all = this.#first.with(piece);
    this.#look(all);
    // `look` ends the stage, which the type checker does not see.
    if ((this.#stage as Stage) === 'over') return;
    if (isFirst) this.#first.keep(piece);
    const { inspectionBytes } = this.#connection.listener.model.limits;
    if (all.length > inspectionBytes) this.#onTooMuch();
  }

  onTimer(): void {
    this.#stats.downstreamPreCxTimeout++;
    // A client that says nothing waits for its server to speak (Istio's TCP on a detected port).
    if (this.#stage === 'protocol') this.#chooseUnknown();
    else this.#refuse();
  }

  onDrain(): void {}

  onPeerEnd(): void {
    this.#stats.downstreamListenerFilterRemoteClose++;
    this.#refuse();
  }

  onClosed(): void {
    this.#end();
  }

  drain(): void {
    this.#refuse();
  }

  cancel(): void {
    this.#end();
  }

  get #stats(): ListenerStats {
    return this.#connection.listener.stats;
  }

  /** `all`: everything that was read. */
  #look(all: Buffer): void {
    if (this.#stage === 'proxy-header') this.#readHeader(all);
    if (this.#stage !== 'protocol') return;
    const chains = this.#chains();
    const rest = all.subarray(this.#headerLength);
    if (chains === null) this.#onNoMatch();
    else this.#detect(chains, rest);
  }

  #readHeader(all: Buffer): void {
    const header = parseProxyHeader(all);
    if (header === 'incomplete') return;
    if (typeof header === 'string') {
      if (header === 'not-found') this.#stats.proxyProtoNotFoundDisallowed++;
      else if (header === 'invalid-v1') this.#stats.proxyProtoV1Error++;
      else this.#stats.proxyProtoV2Error++;
      this.#refuse();
      return;
    }
    if (header.version === 1) this.#stats.proxyProtoV1Found++;
    else this.#stats.proxyProtoV2Found++;
    if (header.ends !== null) this.#connection.adoptEnds(header.ends);
    this.#headerLength = header.length;
    this.#stage = 'protocol';
  }

  #chains(): DestinationChains | null {
    const { listener, ends } = this.#connection;
    return listener.matcher.chainsFor(ends.destination.address);
  }

  #detect(chains: DestinationChains, rest: Buffer): void {
    const hello = chains.asksTls ? this.#hello.read(rest) : 'not-tls';
    if (hello === 'incomplete') return;
    if (hello !== 'not-tls') {
      const { serverName } = hello;
      this.#choose(chains, rest, hello, { serverName, isTls: true, isHttp: false });
      return;
    }
    const http = chains.asksHttp ? this.#http.read(rest) : 'not-http';
    if (http === 'incomplete') return;
    const isHttp = http === 'http';
    this.#choose(chains, rest, null, { serverName: null, isTls: false, isHttp });
  }

  #choose(
    chains: DestinationChains,
    first: Buffer,
    hello: ClientHello | null,
    facts: ConnectionFacts,
  ): void {
    const connection = this.#connection;
    connection.serverName = facts.serverName;
    const chain = chains.choose(facts);
    if (chain === null) {
      this.#onNoMatch();
      return;
    }
    this.#end();
    startChain(connection, chain, { first, hello });
  }

  /** Neither TLS nor HTTP has been seen so far. */
  #chooseUnknown(): void {
    const chains = this.#chains();
    const all = this.#first.with(noBytes);
    const facts = { serverName: null, isTls: false, isHttp: false };
    if (chains === null) this.#onNoMatch();
    else this.#choose(chains, all.subarray(this.#headerLength), null, facts);
  }

  /** A ClientHello without end cannot be ended here either; a long first line may be anything. */
  #onTooMuch(): void {
    const isTls = this.#first.with(noBytes)[this.#headerLength] === tlsRecord;
    if (this.#stage === 'protocol' && !isTls) {
      this.#chooseUnknown();
      return;
    }
    this.#stats.downstreamListenerFilterError++;
    this.#refuse();
  }

  /** It has a line in the access log, as Istio's listeners write for the flag NR alone. */
  #onNoMatch(): void {
    this.#stats.noFilterChainMatch++;
    const { context, listener } = this.#connection;
    const now = context.clock.now();
    const info = this.#connection.startInfo(listener.model, now);
    info.protocol = '';
    info.upstreamProtocol = '';
    info.responseFlags = responseFlag.noRoute;
    info.details = 'filter_chain_not_found';
    info.endedAt = now;
    this.#refuse();
    context.onTcpEnd(info);
  }

  #refuse(): void {
    this.#end();
    this.#connection.destroy();
  }

  #end(): void {
    this.#stage = 'over';
    this.#connection.context.wheel.disarm(this.#timer);
  }
}

/** A handshake begins with it. */
const tlsRecord = 22;
