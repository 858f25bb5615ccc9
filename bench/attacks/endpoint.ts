/** The endpoint behind the proxy, as a process of its own: answers everything, whoever asks. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { endpointPort, goodBody, largeBytes, largePath, slowMs, slowPath } from './setup.ts';

const largePiece = Buffer.alloc(64 * 1024, 'x');

const server = createServer((request, response) => {
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  // A request with a body is answered when it is here whole.
  request.resume();
  request.once('end', () => answer(request, response));
});
// Connections end when the proxy ends them.
server.keepAliveTimeout = 0;
server.requestTimeout = 0;
server.on('upgrade', (_request, socket) => {
  socket.on('error', () => undefined);
  socket.on('end', () => socket.end());
  socket.resume();
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
  );
});
server.listen({ port: endpointPort, host: '127.0.0.1', backlog: 4096 });

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { url = '/' } = request;
  if (url.startsWith(largePath)) {
    response.setHeader('content-length', largeBytes);
    pour(response, largeBytes);
  } else if (url.startsWith(slowPath)) {
    const timer = setTimeout(() => answerGood(response), slowMs);
    response.once('close', () => clearTimeout(timer));
  } else {
    answerGood(response);
  }
}

function answerGood(response: ServerResponse): void {
  response.setHeader('content-length', goodBody.length);
  response.end(goodBody);
}

function pour(response: ServerResponse, bytes: number): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0) {
      left -= largePiece.length;
      if (!response.write(largePiece)) break;
    }
    if (left <= 0) response.end();
    else response.once('drain', more);
  };
  more();
}
