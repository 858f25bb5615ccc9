import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import t, { type Test } from 'tap';
import { askHttp } from '../../src/base/ask-http.ts';

async function serve(t: Test, answer: RequestListener, ports: readonly number[] = [0]) {
  const server = createServer(answer);
  for (const port of ports) {
    server.listen(port, '127.0.0.1');
    const [event] = await Promise.race([
      once(server, 'listening').then(() => ['listening']),
      once(server, 'error').then(() => ['error']),
    ]);
    if (event === 'error') continue;
    t.teardown(() => server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }
  throw new Error(`none of the ports ${ports.join(', ')} is free`);
}

t.test('an answer has a status, a type and a text', async (t) => {
  const { url } = await serve(t, ({ method, url }, response) => {
    const status = url === '/gone' ? 404 : 201;
    response.writeHead(status, { 'content-type': 'text/plain' }).end(`${method} ${url} \u00e4`);
  });
  const answer = await askHttp(`${url}/a?b=c`, { method: 'POST' });
  t.match(answer, { status: 201, ok: true, type: 'text/plain' });
  t.equal(await answer.text(), 'POST /a?b=c \u00e4');
  t.match(await askHttp(`${url}/gone`), { status: 404, ok: false });
});

// A few, as any of them may be in use where the test runs.
const blocked = [10080, 6000, 6669, 5061, 4190] as const;

t.test('ports that browsers block are ports', async (t) => {
  const { url } = await serve(t, (_request, response) => response.end('here'), blocked);
  await t.rejects(fetch(url), 'fetch refuses it');
  t.equal(await (await askHttp(url)).text(), 'here');
});

t.test('a body is read as it comes, and no longer than it is wanted', async (t) => {
  const { url } = await serve(t, (_request, response) => {
    const [first, second] = [
      Buffer.from('\u00e4').subarray(0, 1),
      Buffer.from('\u00e4').subarray(1),
    ];
    response.write(first, () => response.write(second));
  });
  const enough = new AbortController();
  const { pieces } = await askHttp(url, { signal: enough.signal });
  const read: string[] = [];
  await t.rejects(async () => {
    for await (const piece of pieces) {
      read.push(piece);
      enough.abort();
    }
  });
  t.strictSame(read, ['\u00e4'], 'whole characters');
});

t.test('what ends in the middle is no answer', async (t) => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhal');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await t.rejects((await askHttp(url)).text());
  await t.rejects(askHttp('http://no address'), { code: 'ERR_INVALID_URL' });
});
