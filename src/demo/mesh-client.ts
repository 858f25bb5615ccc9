/**
 * How a sample service calls another one: by its service name, through the mesh listener of the
 * proxy, as any program with `http_proxy` set would do.
 */

import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { ServiceAddress } from './service.ts';

/**
 * A proxy sees single requests; that several belong together, only the application knows. So it
 * copies these headers from the request it serves to those it makes: request id, trace context in
 * every usual form, and what identifies the user.
 */
const propagatedHeaders = [
  'x-request-id',
  'traceparent',
  'tracestate',
  'b3',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
  'x-ot-span-context',
  'x-datadog-trace-id',
  'x-datadog-parent-id',
  'x-datadog-sampling-priority',
  'x-cloud-trace-context',
  'grpc-trace-bin',
  'sw8',
  'end-user',
  'user-agent',
  'cookie',
  'authorization',
  'jwt',
] as const;

export type MeshHeaders = Readonly<Record<string, string>>;

export interface MeshResponse {
  /** 0: no answer at all, the proxy was not reached or the time was over. */
  readonly status: number;
  readonly body: string;
}

export function propagateHeaders(headers: IncomingHttpHeaders): MeshHeaders {
  const copied: Record<string, string> = {};
  for (const name of propagatedHeaders) {
    const value = headers[name];
    if (typeof value === 'string') copied[name] = value;
  }
  return copied;
}

export class MeshClient {
  readonly #mesh: ServiceAddress;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(mesh: ServiceAddress) {
    this.#mesh = mesh;
  }

  /** GET of an absolute URL such as `http://reviews:9080/reviews/0`. Never rejects. */
  get(url: string, headers: MeshHeaders, timeoutMs: number): Promise<MeshResponse> {
    const authority = url.split('/', 3)[2] ?? '';
    return new Promise((resolve) => {
      const outgoing = request({
        ...this.#mesh,
        agent: this.#agent,
        path: url,
        headers: { ...headers, host: authority },
        signal: AbortSignal.timeout(timeoutMs),
      });
      const failed = (error: Error) => resolve({ status: 0, body: error.message });
      outgoing.once('error', failed);
      outgoing.once('response', (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.once('error', failed);
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      outgoing.end();
    });
  }
}
