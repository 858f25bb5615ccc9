/**
 * The spans of one sampled exchange while it runs, as little as can be written down: what else they
 * say is in its `StreamInfo`, and is joined when it has ended. Requests that are not sampled have
 * none of this.
 */

import type { Clock } from '../../base/clock.ts';
import { randomHex16 } from '../../base/hex.ts';
import type { Random } from '../../base/random.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Route } from '../../model/route.ts';
import { readGrpcStatus } from '../grpc-status.ts';
import { applyClientSpan, type TraceContext } from './trace-context.ts';

/** What can happen to an exchange or an attempt; docs/tracing.md says when. */
export const spanEventNames = [
  'fault.delay',
  'fault.abort',
  'retry',
  'retry.limit_exceeded',
  'retry.overflow',
  'circuit_breaker.overflow',
  'timeout',
  'endpoint.ejected',
] as const;

type SpanEventName = (typeof spanEventNames)[number];

export interface SpanEvent {
  readonly name: SpanEventName;
  /** Clock.now(). */
  readonly at: number;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** An endpoint at work, as far as spans look at it. */
export interface SpanEndpoint {
  readonly model: Endpoint;
  /** `address:port`. */
  readonly key: string;
  readonly ejected: boolean;
}

/** Where a client span goes. */
export interface SpanTarget {
  readonly cluster: Cluster;
  readonly endpoint: SpanEndpoint;
  /** Counted from 1; null for a mirror. */
  readonly attempt: number | null;
}

/** One try to get an answer from one endpoint, or a mirror. */
export class ClientSpan {
  /** 16 digits. */
  readonly id: string;
  readonly target: SpanTarget;
  /** Clock.now(). */
  readonly startedAt: number;
  /** Clock.now(); 0 while it goes on. */
  endedAt = 0;
  protocol: 'HTTP/1.1' | 'HTTP/2' | '' = '';
  /** 0 without a response. */
  status = 0;
  /** Of a response in gRPC; null: none, or not known yet. */
  grpcStatus: number | null = null;
  /** Why there is no whole response, in the words of `error.type`; null where nothing is amiss. */
  error: string | null = null;
  /** The system's words for it, empty if there are none. */
  message = '';
  events: SpanEvent[] = [];
  readonly #exchange: ExchangeSpans;
  readonly #wasEjected: boolean;

  constructor(exchange: ExchangeSpans, id: string, target: SpanTarget) {
    this.#exchange = exchange;
    this.id = id;
    this.target = target;
    this.#wasEjected = target.endpoint.ejected;
    this.startedAt = exchange.clock.now();
  }

  /** The request is about to leave: its endpoint hears of this span. */
  send(headers: HeaderList, protocol: 'HTTP/1.1' | 'HTTP/2' | ''): void {
    this.protocol = protocol;
    applyClientSpan(headers, this.#exchange.context, this.id);
  }

  respond(status: number, headers: HeaderList): void {
    this.status = status;
    this.grpcStatus = readGrpcStatus(headers);
  }

  /** `error`: what it is called in `error.type`. The first reason is the one that counts. */
  fail(error: string, message = ''): void {
    if (this.endedAt > 0 || this.error !== null) return;
    this.error = error;
    this.message = message;
    const event = eventOfFailure(error);
    if (event !== null) this.event(event, { 'error.type': error });
  }

  event(name: SpanEventName, attributes: SpanEvent['attributes'] = {}): void {
    this.events.push({ name, at: this.#exchange.clock.now(), attributes });
  }

  /** Does nothing the second time. */
  end(): void {
    if (this.endedAt > 0) return;
    const { endpoint } = this.target;
    if (endpoint.ejected && !this.#wasEjected) {
      this.event('endpoint.ejected', { 'upstream.address': endpoint.key });
    }
    this.endedAt = this.#exchange.clock.now();
    this.#exchange.onClientEnd?.(this);
  }
}

/** The failures that are events, too. */
function eventOfFailure(error: string): SpanEventName | null {
  if (error === 'overflow') return 'circuit_breaker.overflow';
  return error.endsWith('timeout') ? 'timeout' : null;
}

export class ExchangeSpans {
  readonly context: TraceContext;
  readonly clock: Clock;
  /** null until it is known, and where there is none. */
  route: Route | null = null;
  readonly clients: ClientSpan[] = [];
  readonly events: SpanEvent[] = [];
  /** Told of client spans that end after the exchange: mirrors. */
  onClientEnd: ((span: ClientSpan) => void) | null = null;
  readonly #random: Random;

  constructor(context: TraceContext, clock: Clock, random: Random) {
    this.context = context;
    this.clock = clock;
    this.#random = random;
  }

  startClient(target: SpanTarget): ClientSpan {
    const span = new ClientSpan(this, randomHex16(this.#random), target);
    this.clients.push(span);
    return span;
  }

  /** Of the exchange as a whole. */
  event(name: SpanEventName, attributes: SpanEvent['attributes'] = {}): void {
    this.events.push({ name, at: this.clock.now(), attributes });
  }
}
