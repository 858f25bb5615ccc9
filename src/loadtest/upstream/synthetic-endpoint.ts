/** One endpoint of a synthetic workload: an HTTP/1.1 server that follows a script. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Timers } from '../../base/timers.ts';
import type { Upstream } from '../synthetic-upstream.ts';
import { EndpointCounts } from './endpoint-counts.ts';
import { FailureScript } from './failure-script.ts';
import { answerHeaders } from './messages.ts';
import type { WorkloadGauge } from './workload-gauge.ts';

export interface SyntheticEndpointOptions {
  readonly upstream: Upstream;
  /** Among those of its workload, from 0. */
  readonly ordinal: number;
  /** Among all endpoints. */
  readonly index: number;
  readonly random: Random;
  readonly timers: Timers;
  readonly clock: Clock;
  /** Milliseconds since the end of the warm-up. */
  now(): number;
  readonly gauge: WorkloadGauge;
}

export class SyntheticEndpoint {
  readonly #options: SyntheticEndpointOptions;
  readonly #script: FailureScript;
  readonly #counts = new EndpointCounts();
  readonly #sockets = new Set<Socket>();
  readonly #body: string;
  #server: Server;
  #port: number;

  constructor(options: SyntheticEndpointOptions) {
    this.#options = options;
    const { upstream, ordinal, random } = options;
    this.#script = new FailureScript(upstream, ordinal, random);
    this.#body = 'x'.repeat(upstream.bodyBytes);
    this.#port = upstream.port === null ? 0 : upstream.port + ordinal;
    this.#server = this.#createServer();
  }

  /** Resolves with its port; it stays the same when it closes and opens again. */
  async listen(): Promise<number> {
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    return this.#port;
  }

  /** From now on its port closes and opens by the script. */
  followScript(): void {
    const { timers, now } = this.#options;
    for (const { fromMs, untilMs } of this.#script.closures()) {
      timers.set(fromMs - now(), () => this.#close());
      if (untilMs !== null) timers.set(untilMs - now(), () => this.#reopen());
    }
  }

  get counts(): EndpointCounts {
    return this.#counts;
  }

  #createServer(): Server {
    // Connections of the proxy are its own business: they are kept open as long as it likes.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 });
    server.on('request', (request, response) => this.#serve(request, response));
    server.on('connection', (socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    return server;
  }

  #close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #reopen(): void {
    this.#server = this.#createServer();
    // Something else may have taken the port: then it stays down, which assertions notice.
    this.listen().catch(() => undefined);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { gauge, clock, index, now, random, timers } = this.#options;
    const [arrivedMs, nowMs] = [clock.now(), now()];
    this.#counts.count(request.headers, nowMs);
    gauge.enter();
    response.once('close', () => gauge.leave());
    request.resume();
    const { action, status, latency } = this.#script.behavior(nowMs);
    if (action === 'hang') return;
    if (action === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    const askedMs = latency(random);
    const answer = (): void => {
      response.writeHead(status, {
        'content-length': this.#body.length,
        [answerHeaders.endpoint]: index,
        [answerHeaders.asked]: askedMs.toFixed(3),
        [answerHeaders.took]: (clock.now() - arrivedMs).toFixed(3),
      });
      response.end(this.#body);
    };
    if (askedMs <= 0) answer();
    else timers.set(askedMs, answer);
  }
}
