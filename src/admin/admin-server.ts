/**
 * The admin API: Envoy's paths over plain HTTP, meant for loopback. It reads the running state and
 * holds none of its own.
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { http } from '../base/node-http.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type AdminEndpoint, type AdminResponse, text } from './admin-endpoint.ts';
import { createAdminEndpoints } from './admin-endpoints.ts';
import { helpText } from './endpoints/help.ts';
import { refusal } from './request-guard.ts';
import type { RunningState } from './running-state.ts';

export interface AdminOptions {
  /** Further names that Host may have, beside addresses and localhost. */
  readonly allowedHosts?: readonly string[];
  /** Told of a handler that threw, which answers 500; null: no connection could be accepted. */
  readonly onError: (error: Error, path: string | null) => void;
}

export interface BoundAddress {
  readonly address: string;
  readonly port: number;
}

/** Milliseconds to receive a whole request; control requests are small. */
const requestTimeoutMs = 10_000;
const maxConnections = 128;

export class AdminServer {
  readonly #state: RunningState;
  readonly #allowedHosts: readonly string[];
  readonly #onError: (error: Error, path: string | null) => void;
  readonly #endpoints: ReadonlyMap<string, AdminEndpoint>;
  readonly #server: Server;

  constructor(state: RunningState, options: AdminOptions) {
    this.#state = state;
    this.#allowedHosts = (options.allowedHosts ?? []).map((host) => host.toLowerCase());
    this.#onError = options.onError;
    this.#endpoints = new Map(createAdminEndpoints().map((entry) => [entry.path, entry]));
    this.#server = http.createServer(
      { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
      (request, response) => this.#serve(request, response),
    );
    this.#server.maxConnections = maxConnections;
  }

  /** Port 0 takes a free one. The error is the system's, for example `EADDRINUSE`. */
  listen(address: string, port: number): Promise<Result<BoundAddress, NodeJS.ErrnoException>> {
    return new Promise((resolve) => {
      const onError = (error: NodeJS.ErrnoException): void => resolve(err(error));
      this.#server.once('error', onError);
      this.#server.listen(port, address, () => {
        this.#server.off('error', onError);
        // A failing accept (descriptors used up) must not end the proxy.
        this.#server.on('error', (error) => this.#onError(error, null));
        const bound = this.#server.address() as BoundAddress;
        resolve(ok({ address: bound.address, port: bound.port }));
      });
    });
  }

  /** Ends open connections too. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    // No path takes a body; what comes is read and forgotten so that the connection can go on.
    request.resume();
    const answer = this.#answer(request);
    response.writeHead(answer.status, {
      'content-type': answer.contentType,
      'content-length': Buffer.byteLength(answer.body),
      'cache-control': 'no-cache, max-age=0',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    });
    if (answer.afterwards !== undefined) response.once('close', answer.afterwards);
    response.end(answer.body);
  }

  #answer(request: IncomingMessage): AdminResponse {
    const { host, origin } = request.headers;
    const refused = refusal({ host, origin }, this.#allowedHosts);
    if (refused !== null) return text(`${refused}\n`, 403);
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const endpoint = this.#endpoints.get(path);
    if (endpoint === undefined) {
      return text(`invalid path. ${helpText([...this.#endpoints.values()])}`, 404);
    }
    const wrongMethod = refuseMethod(endpoint, request.method ?? '');
    if (wrongMethod !== null) return wrongMethod;
    try {
      return endpoint.handle(new URLSearchParams(query), this.#state);
    } catch (error) {
      // A mistake in one page must not end the proxy.
      this.#onError(error as Error, path);
      return text('internal error\n', 500);
    }
  }
}

function refuseMethod(endpoint: AdminEndpoint, method: string): AdminResponse | null {
  if (endpoint.mutation) {
    return method === 'POST' ? null : text(`Method ${method} not allowed, POST required.\n`, 400);
  }
  return method === 'GET' || method === 'HEAD'
    ? null
    : text(`Method ${method} not allowed, GET required.\n`, 405);
}
