/**
 * The closed-loop driver: autocannon, where each connection sends the next request when the last is
 * answered. It measures what a proxy can do at most. Latencies count from when a request is sent: a
 * stall hides the requests that nobody sent. HTTP/1.1 alone.
 */

import type { Options, Request } from 'autocannon';
import type { Clock } from '../../base/clock.ts';
import type { RequestLog } from '../request-log.ts';
import type { LoadRequest, RequestMix } from '../request-mix.ts';
import { answerOf } from './answer-reader.ts';
import { type LoadClientOptions, originOf } from './load-client.ts';

export interface ClosedLoopOptions {
  readonly target: LoadClientOptions;
  readonly connections: number;
  readonly durationMs: number;
  readonly mix: RequestMix;
  readonly log: RequestLog;
  readonly clock: Clock;
  /** By the clock: when time 0 is. */
  readonly zero: number;
  readonly signal: AbortSignal;
}

/** What autocannon keeps of a connection between the hooks of one request. */
interface Context {
  index?: number;
  sentMs?: number;
}

export async function runClosedLoop(options: ClosedLoopOptions): Promise<void> {
  const { target, connections, durationMs, log, mix, clock, zero, signal } = options;
  const { default: autocannon } = await import('autocannon');
  const now = (): number => clock.now() - zero;
  const open = new Map<number, number>();
  const setupRequest = (request: Request, context: object): Request => {
    const kept = context as Context;
    const next = mix.next(false);
    kept.sentMs = now();
    kept.index = log.begin(kept.sentMs, next.kind, next.key);
    open.set(kept.index, kept.sentMs);
    return { ...request, ...rawRequest(next) };
  };
  const onResponse = (status: number, _body: string, context: object, headers?: unknown): void => {
    const { index, sentMs = 0 } = context as Context;
    if (index === undefined) return;
    open.delete(index);
    const named = (headers ?? {}) as Readonly<Record<string, unknown>>;
    log.answered(index, answerOf(status, named, target.routeHeader), now() - sentMs);
  };
  const settings: Options = {
    url: originOf(target),
    connections,
    duration: durationMs / 1000,
    timeout: Math.ceil(target.timeoutMs / 1000),
    ...(target.tls === null ? {} : { servername: target.tls.serverName }),
    requests: [{ setupRequest, onResponse }],
  };
  await new Promise<void>((resolve, reject) => {
    const instance = autocannon(settings, (error: Error | null) =>
      error === null || error === undefined ? resolve() : reject(error),
    );
    signal.addEventListener('abort', () => (instance as unknown as { stop(): void }).stop());
    const failOldest = (): void => failLast(open, log, now);
    instance.on('reqError', failOldest);
  });
  // What was under way at the end is neither an answer nor a failure of the proxy.
  for (const [index, sentMs] of open) log.failed(index, 'unfinished', now() - sentMs);
}

/** autocannon does not say which request failed: it is taken to be the one that waits longest. */
function failLast(open: Map<number, number>, log: RequestLog, now: () => number): void {
  const [first] = open;
  if (first === undefined) return;
  const [index, sentMs] = first;
  open.delete(index);
  log.failed(index, 'reset', now() - sentMs);
}

function rawRequest({ method, path, host, headers, body }: LoadRequest): Request {
  return {
    ...{ method: method as NonNullable<Request['method']>, path },
    headers: host === '' ? { ...headers } : { host, ...headers },
    ...(body === null ? {} : { body }),
  };
}
