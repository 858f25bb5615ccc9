// HTTP/1.1 clients before endpoints that speak HTTP/2: bodies, trailers, retries, mirrors, upgrades.

import { createHash } from 'node:crypto';
import { constants, createServer, type ServerHttp2Stream, type Settings } from 'node:http2';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import type { RetryPolicy } from '../../../src/model/retry-policy.ts';
import { headerValue } from '../../support/http-reader.ts';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';

type Answer = (stream: ServerHttp2Stream, raw: readonly string[], attempt: number) => void;

interface Started {
  readonly proxy: ProxyHarness;
  /** Header fields of every request that arrived. */
  readonly seen: string[][];
}

async function start(
  t: Test,
  answer: Answer,
  options: { readonly retries?: RetryPolicy; readonly settings?: Settings } = {},
): Promise<Started> {
  const server = createServer({ settings: options.settings ?? {} });
  const seen: string[][] = [];
  server.on('sessionError', () => undefined);
  server.on('session', (session) => t.teardown(() => session.destroy()));
  server.on('stream', (stream: ServerHttp2Stream, _headers, _flags, raw: string[]) => {
    stream.on('error', () => undefined);
    seen.push(raw);
    answer(stream, raw, seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const action = forwardTo('origin', { retryPolicy: options.retries ?? null });
  const clusters = [clusterOf('origin', [port], { protocol: 'http2' })];
  const routes = [route('all', {}, action)];
  return { proxy: await ProxyHarness.start(t, meshOf({ clusters, routes })), seen };
}

t.test('a request in, a response out, each in its own protocol', async (t) => {
  const { proxy, seen } = await start(t, (stream) => {
    stream.respond({ ':status': 201, 'x-from': 'endpoint', 'content-length': '2' });
    stream.end('ok');
  });
  const response = await proxy.send(getRequest('/a?b=1', 'shop', [['Cookie', 'a=1']]));
  t.equal(response.status, 201);
  t.equal(response.body.toString(), 'ok');
  t.equal(headerValue(response.headers, 'content-length'), '2');
  t.equal(headerValue(response.headers, 'x-from'), 'endpoint');
  const [fields = []] = seen;
  t.same(fields.slice(0, 8), [
    ...[':authority', 'shop', ':path', '/a?b=1', ':method', 'GET', ':scheme', 'http'],
  ]);
  t.notOk(fields.includes('host'));
  t.ok(fields.includes('cookie'));
  const { info } = await proxy.ending();
  t.equal(info.protocol, 'HTTP/1.1');
  t.equal(info.upstreamProtocol, 'HTTP/2');
});

t.test('a body of unknown length arrives whole, and comes back in chunks', async (t) => {
  const { proxy } = await start(t, (stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  });
  const body = Buffer.alloc(3_000_000, 'sluice');
  const head =
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n';
  const chunk = Buffer.concat([
    Buffer.from(`${head}${body.length.toString(16)}\r\n`),
    body,
    Buffer.from('\r\n0\r\n\r\n'),
  ]);
  const response = await proxy.send(chunk, 'POST');
  t.equal(response.status, 200);
  t.equal(headerValue(response.headers, 'transfer-encoding'), 'chunked');
  const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  t.equal(sum(response.body), sum(body));
});

t.test('a refused stream is tried again, a reset one is not', async (t) => {
  const refuse: Answer = (stream, raw, attempt) => {
    if (raw.includes('/reset')) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else if (raw.includes('/broken')) stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
    else if (attempt === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else {
      stream.respond({ ':status': 200 });
      stream.end();
    }
  };
  const retries = retryPolicy({ retryOn: ['refused-stream'] });
  const { proxy, seen } = await start(t, refuse, { retries });
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
  t.equal(seen.length, 2);
  const reset = await proxy.send(getRequest('/reset', 'a'));
  t.equal(reset.status, 503);
  t.equal(seen.length, 3);
  t.match(proxy.ended[1], {
    flags: 'UR',
    details: 'upstream_reset_before_response_started{remote_reset}',
  });
  t.equal((await proxy.send(getRequest('/broken', 'a'))).status, 502);
  t.match(proxy.ended[2], { flags: 'UPE' });
});

t.test('a client that leaves takes its stream along', async (t) => {
  let code = -1;
  const { proxy, seen } = await start(t, (stream) => {
    stream.on('close', () => {
      code = stream.rstCode;
    });
  });
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await proxy.until('arrived', () => seen.length === 1);
  client.destroy();
  await proxy.until('reset', () => code >= 0);
  t.equal(code, constants.NGHTTP2_INTERNAL_ERROR);
});

t.test('a WebSocket goes up as an extended CONNECT', async (t) => {
  const { proxy, seen } = await start(
    t,
    (stream) => {
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    },
    { settings: { enableConnectProtocol: true } },
  );
  const client = await proxy.connect();
  const upgrade = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
  ] as const;
  client.write(getRequest('/chat', 'a', upgrade));
  const response = await client.readResponse();
  t.equal(response.status, 101);
  t.equal(headerValue(response.headers, 'upgrade'), 'websocket');
  client.write('ping');
  t.equal((await client.readBytes(4)).toString(), 'ping');
  t.ok(seen[0]?.join().includes(':method,CONNECT'));
  t.ok(seen[0]?.join().includes(':protocol,websocket'));
  client.destroy();
});

t.test('an endpoint that takes no WebSocket is not asked, nor blamed', async (t) => {
  const { proxy, seen } = await start(t, (stream) => {
    stream.respond({ ':status': 200 });
    stream.end();
  });
  const client = await proxy.connect();
  const upgrade = [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
  ] as const;
  client.write(getRequest('/chat', 'a', upgrade));
  t.equal((await client.readResponse()).status, 502);
  const { info } = await proxy.ending();
  t.match(proxy.ended[0], {
    flags: 'UPE',
    details: 'upstream_reset_before_response_started{protocol_error}',
  });
  t.equal(info.attempts, 1);
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
  t.equal(seen.length, 1);
  client.destroy();
});
