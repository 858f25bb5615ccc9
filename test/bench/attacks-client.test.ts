import { once } from 'node:events';
import { createServer as createHttp1 } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, type Server } from 'node:net';
import t, { type Test } from 'tap';
import type { Connection } from '../../bench/attacks/connection.ts';
import { Http1Connection } from '../../bench/attacks/http1-connection.ts';
import { Http2Connection } from '../../bench/attacks/http2-connection.ts';
import { goodBody, goodPath } from '../../bench/attacks/setup.ts';

/** What the server does, one after the other: a status and a body, or null for a close. */
type Script = readonly (readonly [number, string] | null)[];

const script: Script = [
  [200, goodBody],
  [200, goodBody],
  [200, 'hello from somebody else'],
  [503, ''],
];
const cut: Script = [null];

async function connectTo(t: Test, server: Server): Promise<ReturnType<typeof connect>> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  return socket;
}

async function http1(t: Test, answers: Script): Promise<() => Promise<Connection>> {
  const left = [...answers];
  const server = createHttp1((request, response) => {
    const answer = left.shift() ?? null;
    if (answer === null || request.url !== goodPath) return request.socket.destroy();
    const [status, body] = answer;
    return response.writeHead(status, { 'content-length': body.length }).end(body);
  });
  let connection = new Http1Connection(await connectTo(t, server));
  const { port } = server.address() as AddressInfo;
  return async () => {
    // It closes itself after an answer that is not right.
    if (!connection.isFree) connection = new Http1Connection(connect(port, '127.0.0.1'));
    t.teardown(() => connection.close());
    return connection;
  };
}

async function http2(t: Test, answers: Script): Promise<() => Promise<Connection>> {
  const left = [...answers];
  const server = createHttp2();
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const answer = left.shift() ?? null;
    if (answer === null || headers[':path'] !== goodPath) return stream.close(8);
    const [status, body] = answer;
    stream.respond({ ':status': status, 'x-name': 'value' });
    return stream.end(body);
  });
  const connection = new Http2Connection(await connectTo(t, server), 'http');
  return async () => connection;
}

async function outcomes(next: () => Promise<Connection>, count: number): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < count; i++) {
    const connection = await next();
    found.push(await new Promise<string>((resolve) => connection.request(resolve)));
  }
  return found;
}

t.test('only the right answer counts as one, over HTTP/1.1', async (t) => {
  const expected = ['200', '200', 'wrong body', '503'];
  t.same(await outcomes(await http1(t, script), script.length), expected);
  t.same(await outcomes(await http1(t, cut), 1), ['closed']);
});

t.test('only the right answer counts as one, over HTTP/2', async (t) => {
  const expected = ['200', '200', 'wrong body', 'another status'];
  t.same(await outcomes(await http2(t, script), script.length), expected);
  t.same(await outcomes(await http2(t, cut), 1), ['CANCEL']);
});
