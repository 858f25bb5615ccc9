/** node:http before undici: the proxy one writes in an hour. Run as a program it is the proxy. */

import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent, type Dispatcher } from 'undici';
import undiciPackage from 'undici/package.json' with { type: 'json' };
import { chooseOrigin, libraryPeer, portArgument } from './node-policy.ts';

export const undiciPeer = libraryPeer('undici', undiciPackage.version, import.meta.filename);

if (import.meta.main) serve();

function serve(): void {
  const agent = new Agent({ connections: 256, pipelining: 1, allowH2: false });
  const server = createServer((request, response) => {
    const { url = '/', headers } = request;
    const outgoing = {
      origin: chooseOrigin(url, headers),
      path: url,
      method: request.method as Dispatcher.HttpMethod,
      headers: forwarded(request),
      body: hasBody(headers) ? request : null,
      opaque: response,
    };
    const answered = agent.stream(outgoing, ({ statusCode, headers: received }) => {
      return response.writeHead(statusCode, withoutHopByHop(received));
    });
    answered.catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });
  server.keepAliveTimeout = 600_000;
  server.listen(portArgument(), '127.0.0.1');
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return 'content-length' in headers || 'transfer-encoding' in headers;
}

function forwarded({ headers, socket }: IncomingMessage): IncomingHttpHeaders {
  const before = headers['x-forwarded-for'];
  const address = socket.remoteAddress ?? '';
  return {
    ...withoutHopByHop(headers),
    'x-forwarded-for': before === undefined ? address : `${before}, ${address}`,
    'x-forwarded-proto': 'http',
  };
}

function withoutHopByHop<Headers extends IncomingHttpHeaders>(headers: Headers): Headers {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': coding, ...kept } = headers;
  return kept as Headers;
}
