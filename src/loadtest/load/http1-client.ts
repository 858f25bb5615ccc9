/** HTTP/1.1 through undici's pool: one request at a time on each connection. */

import { type Dispatcher, Pool } from 'undici';
import type { LoadRequest } from '../request-mix.ts';
import {
  type AnswerListener,
  endpointOf,
  failureOf,
  type LoadClient,
  type LoadClientOptions,
  originOf,
} from './load-client.ts';

export class Http1Client implements LoadClient {
  readonly #pool: Pool;
  /** undici would take the host of each request for the server name, and connect anew for it. */
  readonly #serverName: { readonly servername: string } | null;

  constructor(options: LoadClientOptions) {
    const { connections, timeoutMs, tls } = options;
    this.#serverName = tls === null ? null : { servername: tls.serverName };
    this.#pool = new Pool(originOf(options), {
      connections,
      pipelining: 1,
      allowH2: false,
      // Requests time out by the schedule, also those that wait for a connection.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        timeout: timeoutMs,
        ...(tls === null
          ? {}
          : {
              servername: tls.serverName,
              rejectUnauthorized: !tls.insecure,
              ...(tls.ca === null ? {} : { ca: tls.ca }),
            }),
      },
    });
  }

  send(request: LoadRequest, listener: AnswerListener): () => void {
    const handler = new AnswerHandler(listener);
    const { method, path, host, headers, body } = request;
    const options: Dispatcher.DispatchOptions = {
      // Any token is a method; undici's type names the usual ones.
      method: method as Dispatcher.HttpMethod,
      path,
      headers: host === '' ? headers : { host, ...headers },
      body,
      ...this.#serverName,
    };
    this.#pool.dispatch(options, handler);
    return () => handler.giveUp();
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #listener: AnswerListener;
  #controller: Dispatcher.DispatchController | null = null;
  #isGivenUp = false;
  #status = 0;
  #endpoint = 0;

  constructor(listener: AnswerListener) {
    this.#listener = listener;
  }

  giveUp(): void {
    this.#isGivenUp = true;
    this.#controller?.abort(new Error('given up'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isGivenUp) controller.abort(new Error('given up'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, unknown>>,
  ): void {
    this.#status = status;
    this.#endpoint = endpointOf(headers);
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    if (!this.#isGivenUp) this.#listener.onAnswer(this.#status, this.#endpoint);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (!this.#isGivenUp) this.#listener.onFailure(failureOf(error));
  }
}
