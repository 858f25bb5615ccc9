// HTTP/2 on both sides of the proxy: messages, pace, resets, and endpoints that follow the client.

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  createServer,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import t, { type Test } from 'tap';
import type { UpstreamProtocol } from '../../../src/model/cluster.ts';
import { headers, preface, settings } from '../../http2/frames.ts';
import { connectHttp2 } from '../../support/http2-session.ts';
import { clusterOf, meshOf } from '../../support/mesh-models.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';

type Answer = (stream: ServerHttp2Stream, path: string) => void;

interface Started {
  readonly proxy: ProxyHarness;
  readonly client: ClientHttp2Session;
  /** Header fields of every request that arrived. */
  readonly seen: string[][];
}

async function start(t: Test, answer: Answer): Promise<Started> {
  // Megabytes: above it Node resets the streams of a session.
  const server = createServer({ maxSessionMemory: 100 });
  const seen: string[][] = [];
  server.on('session', (session) => t.teardown(() => session.destroy()));
  server.on('stream', (stream: ServerHttp2Stream, headers, _flags, raw: string[]) => {
    stream.on('error', () => undefined);
    seen.push(raw);
    answer(stream, headers[':path'] ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const proxy = await startProxy(t, (server.address() as AddressInfo).port, 'http2');
  return { proxy, client: connectHttp2(t, proxy), seen };
}

function startProxy(t: Test, port: number, protocol: UpstreamProtocol): Promise<ProxyHarness> {
  return ProxyHarness.start(t, meshOf({ clusters: [clusterOf('origin', [port], { protocol })] }));
}

interface Response {
  status: number;
  body: string;
  trailers: string;
  resetCode: number;
}

function read(stream: ClientHttp2Stream): Promise<Response> {
  const response: Response = { status: 0, body: '', trailers: '', resetCode: 0 };
  stream.on('response', (headers) => {
    response.status = Number(headers[':status']);
  });
  stream.on('data', (bytes: Buffer) => {
    response.body += bytes.toString('latin1');
  });
  stream.on('trailers', (_headers, _flags, raw: string[]) => {
    response.trailers = raw.join();
  });
  stream.on('error', () => undefined);
  return new Promise((resolve) => {
    stream.on('close', () => resolve({ ...response, resetCode: stream.rstCode ?? 0 }));
  });
}

function send(client: ClientHttp2Session, path: string, headers: OutgoingHttpHeaders = {}) {
  return read(client.request({ ':path': path, ...headers }));
}

t.test('bodies and trailers pass both ways, many at once', async (t) => {
  const { proxy, client, seen } = await start(t, (stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7' }));
    stream.pipe(stream);
  });
  const bodies = Array.from({ length: 50 }, (_, index) => `${index}-`.repeat(20_000));
  const responses = await Promise.all(
    bodies.map((body) => {
      const stream = client.request({ ':method': 'POST', ':path': '/' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': '1' }));
      stream.end(body);
      return read(stream);
    }),
  );
  t.ok(responses.every(({ body }, index) => body === bodies[index]));
  t.ok(responses.every(({ status, trailers }) => status === 200 && trailers === 'x-sum,7'));
  t.equal(seen.length, 50);
  t.equal(proxy.cluster().stats.upstreamCxHttp2Total, 1);
  t.same(seen[0]?.slice(0, 4), [':method', 'POST', ':scheme', 'http']);
  t.same(proxy.load, noLoad);
});

t.test('a client that is slow slows its endpoint down, not the other streams', async (t) => {
  const total = 30_000_000;
  const { proxy, client } = await start(t, (stream, path) => {
    stream.respond({ ':status': 200 });
    stream.end(path === '/large' ? Buffer.alloc(total, 'x') : 'small');
  });
  const large = client.request({ ':path': '/large' });
  await new Promise((resolve) => large.on('response', resolve));
  // Nothing reads it: the windows of that connection are all that passes.
  const other = connectHttp2(t, proxy);
  for (let i = 0; i < 3; i++) t.equal((await send(other, '/small')).body, 'small');
  const { stats } = proxy.cluster();
  t.ok(stats.upstreamCxRxBytesTotal < total / 4, `${stats.upstreamCxRxBytesTotal} bytes came`);
  let received = 0;
  large.on('data', (bytes: Buffer) => {
    received += bytes.length;
  });
  await new Promise((resolve) => large.on('close', resolve));
  t.equal(received, total);
});

t.test('an endpoint that is slow slows its client down', async (t) => {
  const total = 30_000_000;
  let held: ServerHttp2Stream | null = null;
  let received = 0;
  const { proxy, client } = await start(t, (stream) => {
    held = stream;
    stream.on('end', () => {
      stream.respond({ ':status': 200 });
      stream.end();
    });
  });
  const upload = client.request({ ':method': 'POST', ':path': '/' });
  const response = read(upload);
  upload.end(Buffer.alloc(total, 'x'));
  await proxy.until('arrival', () => held !== null);
  const { stats } = proxy.cluster();
  await proxy.until('a window', () => stats.upstreamCxTxBytesTotal > 65_000);
  t.ok(stats.upstreamCxTxBytesTotal < total / 4, `${stats.upstreamCxTxBytesTotal} bytes left`);
  (held as ServerHttp2Stream | null)?.on('data', (bytes: Buffer) => {
    received += bytes.length;
  });
  t.equal((await response).status, 200);
  t.equal(received, total);
});

t.test('a client that resets its stream resets that of the endpoint', async (t) => {
  let code = -1;
  const { proxy, client, seen } = await start(t, (stream, path) => {
    if (path === '/next') {
      stream.respond({ ':status': 200 });
      stream.end();
    }
    stream.on('close', () => {
      if (path !== '/next') code = stream.rstCode ?? 0;
    });
  });
  const stream = client.request({ ':path': '/' });
  stream.on('error', () => undefined);
  await proxy.until('arrival', () => seen.length === 1);
  stream.close(constants.NGHTTP2_CANCEL);
  await proxy.until('reset', () => code >= 0);
  t.equal(code, constants.NGHTTP2_INTERNAL_ERROR);
  t.equal((await send(client, '/next')).status, 200);
  t.equal(proxy.cluster().stats.upstreamCxHttp2Total, 1);
  t.same(proxy.load, noLoad);
});

t.test('how an endpoint breaks a response off is told', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`x-${i}`, '1']));
  const { proxy, client } = await start(t, (stream, path) => {
    if (path === '/many') stream.respond({ ':status': 200, ...many }, { endStream: true });
    else if (path === '/refused') stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else {
      stream.respond({ ':status': 200, 'content-length': '10' });
      stream.end('short');
    }
  });
  t.equal((await send(client, '/many')).status, 503);
  t.equal((await send(client, '/refused')).status, 503);
  t.equal((await send(client, '/short')).resetCode, constants.NGHTTP2_INTERNAL_ERROR);
  t.match(proxy.ended, [
    { flags: 'UR', details: 'upstream_reset_before_response_started{remote_reset}' },
    { flags: 'UR', details: 'upstream_reset_before_response_started{remote_refused_stream_reset}' },
    { flags: 'UPE', details: 'upstream_reset_after_response_started{protocol_error}' },
  ]);
  t.equal(proxy.cluster().stats.upstreamCxHttp2Total, 1);
});

t.test('endpoints that are to be spoken to as the client speaks', async (t) => {
  const http1Answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  const http2Answer = Buffer.concat([settings(), headers(1, [':status', '204'])]);
  const either = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    t.teardown(() => socket.destroy());
    socket.once('data', (first: Buffer) => {
      const isHttp2 = first.subarray(0, preface.length).equals(preface);
      socket.write(isHttp2 ? http2Answer : http1Answer);
    });
  });
  await new Promise<void>((resolve) => either.listen(0, '127.0.0.1', resolve));
  t.teardown(() => either.close());
  const proxy = await startProxy(t, (either.address() as AddressInfo).port, 'downstream');
  t.equal((await send(connectHttp2(t, proxy), '/')).status, 204);
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 200);
  const { stats } = proxy.cluster();
  t.same([stats.upstreamCxHttp1Total, stats.upstreamCxHttp2Total], [1, 1]);
});
