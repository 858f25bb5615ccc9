/**
 * The endpoint of the client that behaves, as a process of its own: answers whatever ends with an
 * empty line, with bytes that are ready.
 */

import { createServer } from 'node:net';
import { goodBody, goodEndpointPort } from './setup.ts';

const answer = `HTTP/1.1 200 OK\r\ncontent-length: ${goodBody.length}\r\n\r\n${goodBody}`;
const headEnd = '\r\n\r\n';

const server = createServer({ noDelay: true }, (socket) => {
  let head = '';
  socket.on('error', () => undefined);
  socket.setEncoding('latin1').on('data', (text: string) => {
    const heads = (head + text).split(headEnd);
    head = heads.pop() ?? '';
    for (const _ of heads) socket.write(answer, 'latin1');
  });
});
server.listen({ port: goodEndpointPort, host: '127.0.0.1', backlog: 4096 });
