/** HTTP/1.1 through undici's pool: one request at a time on each connection. */

import { type Dispatcher, Pool } from 'undici';
import type { LoadRequest } from '../request-mix.ts';
import { type AnswerListener, AnswerReader, failureOf } from './answer-reader.ts';
import {
  type LoadClient,
  type LoadClientOptions,
  originOf,
  tlsConnectOptions,
} from './load-client.ts';

export class Http1Client implements LoadClient {
  readonly #pool: Pool;
  readonly #routeHeader: string | null;
  /** undici would take the host of each request for the server name, and connect anew for it. */
  readonly #serverName: { readonly servername: string } | null;

  constructor(options: LoadClientOptions) {
    const { connections, timeoutMs, tls, routeHeader } = options;
    this.#routeHeader = routeHeader;
    this.#serverName = tls === null ? null : { servername: tls.serverName };
    this.#pool = new Pool(originOf(options), {
      connections,
      pipelining: 1,
      allowH2: false,
      // Requests time out by the schedule, also those that wait for a connection.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: timeoutMs, ...tlsConnectOptions(options) },
    });
  }

  send(request: LoadRequest, listener: AnswerListener): () => void {
    const handler = new AnswerHandler(new AnswerReader(listener, this.#routeHeader));
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

/** What undici says of a request, told to the reader of its answer. */
class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #reader: AnswerReader;
  #controller: Dispatcher.DispatchController | null = null;

  constructor(reader: AnswerReader) {
    this.#reader = reader;
  }

  giveUp(): void {
    this.#reader.giveUp();
    this.#controller?.abort(new Error('given up'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#reader.isOver) controller.abort(new Error('given up'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, unknown>>,
  ): void {
    this.#reader.head(status, headers);
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.#reader.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reader.fail(failureOf(error));
  }
}
