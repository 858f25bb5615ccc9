/** What every sample service of the demo is made of: a few GET and POST handlers behind node:http. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface ServiceResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ServiceRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers a request; null where it knows no such path. */
export type ServiceHandler = (
  request: ServiceRequest,
) => ServiceResponse | null | Promise<ServiceResponse | null>;

export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

/** A form for logging in is all that is ever sent to these services. */
const bodyBytesMax = 16 * 1024;

export function jsonResponse(value: unknown, status = 200): ServiceResponse {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: `${JSON.stringify(value)}\n` };
}

/** Resolves when the service listens; rejects with the system's error when it cannot. */
export function startService(address: ServiceAddress, handler: ServiceHandler): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(request, response, handler);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => resolve(server));
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handler: ServiceHandler,
): Promise<void> {
  try {
    const body = await readBody(request);
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const method = request.method ?? 'GET';
    const answered = await handler({ method, path, headers: request.headers, body });
    send(response, answered ?? jsonResponse({ error: `no such path: ${path}` }, 404));
  } catch (error) {
    send(response, jsonResponse({ error: String(error) }, 500));
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error('request body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, answered: ServiceResponse): void {
  const length = String(Buffer.byteLength(answered.body));
  response.writeHead(answered.status, { ...answered.headers, 'content-length': length });
  response.end(answered.body);
}
