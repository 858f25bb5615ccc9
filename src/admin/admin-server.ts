/**
 * The admin API: Envoy's paths over plain HTTP, meant for loopback. It reads the running state and
 * holds none of its own.
 */

import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  Server,
  ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';
import { isLoopback } from '../base/loopback.ts';
import { http } from '../base/node-http.ts';
import { err, ok, type Result } from '../base/result.ts';
import { handleOf, type ListeningHandle } from '../transport/listening-handle.ts';
import { type AdminEndpoint, type AdminResponse, text } from './admin-endpoint.ts';
import { createAdminEndpoints } from './admin-endpoints.ts';
import { refuse as refuseInJson } from './api/answers.ts';
import { EndpointTable } from './endpoint-table.ts';
import { helpText } from './endpoints/help.ts';
import { OpenStreams, onceClosed } from './open-streams.ts';
import { readBody } from './request-body.ts';
import { refusal } from './request-guard.ts';
import type { RunningState } from './running-state.ts';

export interface AdminOptions {
  /** Further names that Host may have, beside addresses and localhost. */
  readonly allowedHosts?: readonly string[];
  /** Default: all that there are. */
  readonly endpoints?: readonly AdminEndpoint[];
  /** Milliseconds after which a connection on which nothing moves is ended. Default 90 s. */
  readonly idleMs?: number;
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
/** Longer than anything is measured for. */
const defaultIdleMs = 90_000;

export class AdminServer {
  readonly #state: RunningState;
  readonly #allowedHosts: readonly string[];
  readonly #onError: (error: Error, path: string | null) => void;
  readonly #endpoints: EndpointTable;
  readonly #streams = new OpenStreams();
  readonly #server: Server;

  constructor(state: RunningState, options: AdminOptions) {
    this.#state = state;
    this.#allowedHosts = (options.allowedHosts ?? []).map((host) => host.toLowerCase());
    this.#onError = options.onError;
    this.#endpoints = new EndpointTable(options.endpoints ?? createAdminEndpoints());
    this.#server = http.createServer(
      { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = maxConnections;
    this.#server.timeout = options.idleMs ?? defaultIdleMs;
  }

  /** What another process may accept from, too; null: it does not listen. */
  get handle(): ListeningHandle | null {
    return handleOf(this.#server);
  }

  /**
   * Port 0 takes a free one. `inherited`: a socket that is bound to the address already. The error
   * is the system's, for example `EADDRINUSE`.
   */
  listen(
    address: string,
    port: number,
    inherited: ListeningHandle | null = null,
  ): Promise<Result<BoundAddress, NodeJS.ErrnoException>> {
    return new Promise((resolve) => {
      const onError = (error: NodeJS.ErrnoException): void => resolve(err(error));
      this.#server.once('error', onError);
      this.#server.listen(inherited ?? { host: address, port }, () => {
        this.#server.off('error', onError);
        // A failing accept (descriptors used up) must not end the proxy.
        this.#server.on('error', (error) => this.#onError(error, null));
        const bound = this.#server.address() as BoundAddress;
        resolve(ok({ address: bound.address, port: bound.port }));
      });
    });
  }

  /** Ends open streams and connections too. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#streams.end();
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = this.#withinLimits(await this.#answer(request), request.url ?? '');
    if (answer.afterwards !== undefined) onceClosed(response, answer.afterwards);
    const { body } = answer;
    if (typeof body === 'string' || body instanceof Uint8Array) {
      const length = Buffer.byteLength(body);
      response.writeHead(answer.status, { 'content-length': length, ...headersOf(answer) });
      response.end(body);
      return;
    }
    response.writeHead(answer.status, headersOf(answer));
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    try {
      if (typeof body === 'function') body(this.#streams.start(response));
      else pipeline(body.open(), response, () => undefined);
    } catch (error) {
      this.#onError(error as Error, request.url ?? '');
      response.destroy();
    }
  }

  #withinLimits(answer: AdminResponse, target: string): AdminResponse {
    if (typeof answer.body !== 'function' || !this.#streams.full) return answer;
    return refuserOf(target)('too many responses are streamed already; end one of them', 503);
  }

  async #answer(request: IncomingMessage): Promise<AdminResponse> {
    const { method = '', headers } = request;
    const { path, query } = splitTarget(request.url ?? '');
    // Read also where nobody asks for it, so that the connection can go on.
    const body = await readBody(request);
    const refused = refusal({ method, path, headers }, this.#allowedHosts);
    const refuse = refuserOf(path);
    if (refused !== null) return refuse(refused, 403);
    const found = this.#endpoints.find(path);
    if (found === null) return this.#unknownPath(path);
    const { endpoint, variables } = found;
    const wrongMethod = methodMistake(endpoint, method);
    if (wrongMethod !== null) return refuse(...wrongMethod);
    if (body === null) return refuse('the body is larger than 1 MiB, or not whole', 413);
    const asked = queryOf(query, headers, body);
    const wrongParameter = unknownParameter(endpoint, path, asked);
    if (wrongParameter !== null) return refuse(wrongParameter, 400);
    const parsed = {
      ...{ query: asked, variables, headers, body },
      isLocal: isLoopback(request.socket.remoteAddress ?? ''),
    };
    try {
      if (endpoint.tellsCounts === true) await this.#state.refresh();
      return await endpoint.handle(parsed, this.#state);
    } catch (error) {
      // A mistake in one page must not end the proxy.
      this.#onError(error as Error, path);
      return refuse('internal error', 500);
    }
  }

  #unknownPath(path: string): AdminResponse {
    if (!path.startsWith(ownPaths)) {
      return text(`invalid path. ${helpText(this.#endpoints.all)}`, 404);
    }
    return refuseInJson(`there is no ${path}; /api/v1/openapi.json has every path`, 404);
  }
}

/** Whatever follows the first question mark is the query, further ones too. */
function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const question = target.indexOf('?');
  if (question < 0) return { path: target, query: '' };
  return { path: target.slice(0, question), query: target.slice(question + 1) };
}

/** As in Envoy, parameters may be fields of a form. */
function queryOf(query: string, headers: IncomingHttpHeaders, body: string): URLSearchParams {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return new URLSearchParams(isForm ? `${query}&${body}` : query);
}

function headersOf({ contentType, headers }: AdminResponse): OutgoingHttpHeaders {
  return {
    'content-type': contentType,
    'cache-control': 'no-cache, max-age=0',
    'x-content-type-options': 'nosniff',
    // No other origin may embed a page, or show it in a frame to catch clicks on its buttons.
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    'referrer-policy': 'same-origin',
    ...headers,
  };
}

/** Below it errors are JSON, and every parameter must be one that there is. */
const ownPaths = '/api/';

function refuserOf(target: string): (mistake: string, status: number) => AdminResponse {
  return target.startsWith(ownPaths) ? refuseInJson : refuseInText;
}

function refuseInText(mistake: string, status: number): AdminResponse {
  return text(`${mistake}\n`, status);
}

/** What is wrong, and the status to say it with; null: nothing. */
function methodMistake(
  endpoint: AdminEndpoint,
  method: string,
): readonly [mistake: string, status: number] | null {
  const isPost = method === 'POST';
  if (endpoint.mutation) {
    return isPost ? null : [`Method ${method} not allowed, POST required.`, 400];
  }
  if (method === 'GET' || method === 'HEAD' || (isPost && endpoint.byPost === true)) return null;
  return [`Method ${method} not allowed, GET required.`, 405];
}

/**
 * A misspelt parameter of a mutation would change something else than was meant. Envoy's reads take
 * any, and tools add some.
 */
function unknownParameter(
  endpoint: AdminEndpoint,
  path: string,
  query: URLSearchParams,
): string | null {
  if (endpoint.takesAnyParameter === true) return null;
  if (!endpoint.mutation && !path.startsWith(ownPaths)) return null;
  const known = endpoint.parameters.map((each) => (typeof each === 'string' ? each : each.name));
  const unknown = [...query.keys()].find((name) => !known.includes(name));
  if (unknown === undefined) return null;
  const there = known.length === 0 ? 'there are none' : `there are ${known.join(', ')}`;
  return `there is no parameter "${unknown}": ${there}`;
}
