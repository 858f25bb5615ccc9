// gRPC-Web clients before endpoints that speak gRPC.

import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { headerValue } from '../../support/http-reader.ts';
import { clusterOf, meshOf } from '../../support/mesh-models.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import type { RawResponse } from '../../support/raw-client.ts';

const message = Buffer.from('\0\0\0\0\x02hi', 'latin1');

interface Seen {
  readonly fields: readonly string[];
  readonly body: Buffer;
}

type Answer = (stream: ServerHttp2Stream) => void;

async function start(t: Test, answer: Answer, grpcWeb = true) {
  const server = createServer();
  const seen: Seen[] = [];
  server.on('session', (session) => t.teardown(() => session.destroy()));
  server.on('stream', (stream: ServerHttp2Stream, _headers, _flags, fields: string[]) => {
    const pieces: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('end', () => {
      seen.push({ fields, body: Buffer.concat(pieces) });
      // A request that the proxy gives up ends, too.
      if (!stream.destroyed) answer(stream);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const clusters = [clusterOf('origin', [port], { protocol: 'http2' })];
  return { proxy: await ProxyHarness.start(t, meshOf({ clusters, grpcWeb })), seen };
}

/** Two frames and status 0, the frames as `pieces`. */
function respond(...pieces: readonly Buffer[]): Answer {
  return (stream) => {
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'x-more': 'b' }));
    for (const piece of pieces) stream.write(piece);
    stream.end();
  };
}

function call(proxy: ProxyHarness, body: Buffer | string, headers: string): Promise<RawResponse> {
  const bytes = Buffer.from(body as string, 'latin1');
  const head = `POST /pkg.Svc/Get HTTP/1.1\r\nHost: a\r\n${headers}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return proxy.send(Buffer.concat([Buffer.from(head, 'latin1'), bytes]), 'POST');
}

/** The frame of trailers in front of `lines`. */
function trailersFrame(lines: string): Buffer {
  return Buffer.from(`\x80\0\0\0${String.fromCharCode(lines.length)}${lines}`, 'latin1');
}

const expected = Buffer.concat([message, message, trailersFrame('grpc-status:0\r\nx-more:b\r\n')]);

t.test('bytes: trailers come as the last frame of the body', async (t) => {
  const { proxy, seen } = await start(t, respond(message, message));
  const response = await call(proxy, message, 'Content-Type: application/grpc-web+proto');
  t.equal(response.status, 200);
  t.equal(headerValue(response.headers, 'content-type'), 'application/grpc-web+proto');
  t.same(response.body, expected);
  const fields = seen[0]?.fields ?? [];
  const value = (name: string) => fields[fields.indexOf(name) + 1];
  t.equal(value('content-type'), 'application/grpc');
  t.equal(value('te'), 'trailers');
  t.equal(value('grpc-accept-encoding'), 'identity');
  t.notOk(fields.includes('content-length'));
  t.same(seen[0]?.body, message);
});

t.test('text: base64 both ways, however it is cut', async (t) => {
  const cut = [message.subarray(0, 1), message.subarray(1), message] as const;
  const { proxy, seen } = await start(t, respond(...cut));
  // Clients encode each frame by itself, so padding stands in the middle.
  const body = message.toString('base64') + message.toString('base64');
  const headers = 'Content-Type: application/grpc-web-text\r\nAccept: application/grpc-web-text';
  const response = await call(proxy, body, headers);
  t.equal(headerValue(response.headers, 'content-type'), 'application/grpc-web-text+proto');
  t.same(Buffer.from(response.body.toString('latin1'), 'base64'), expected);
  t.same(seen[0]?.body, Buffer.concat([message, message]));
});

t.test('what is no base64 is refused', async (t) => {
  const { proxy } = await start(t, respond());
  for (const body of ['AAAAAAJoaQ=', 'AA*AAAJoaQ==']) {
    const response = await call(proxy, body, 'Content-Type: application/grpc-web-text');
    t.equal(response.status, 400, body);
    t.match(headerValue(response.headers, 'grpc-message'), /invalid base64 data/);
  }
  t.match(
    proxy.ended.map(({ details }) => details),
    ['grpc_base_64_decode_failed_bad_size', 'grpc_base_64_decode_failed'],
  );
  t.ok(proxy.ended[0]?.info.requestEndAt, 'all of the first one was read');
});

t.test('an answer that is no gRPC becomes a message', async (t) => {
  const { proxy } = await start(t, (stream) => {
    stream.respond({ ':status': 503, 'content-type': 'text/plain' });
    stream.end('out of order\n');
  });
  const response = await call(proxy, message, 'Content-Type: application/grpc-web');
  t.equal(response.status, 503);
  t.equal(headerValue(response.headers, 'grpc-status'), '14');
  t.equal(headerValue(response.headers, 'grpc-message'), 'out of order%0A');
  t.equal(response.body.length, 0);
});

t.test('an answer of trailers only stays one', async (t) => {
  const { proxy } = await start(t, (stream) => {
    const fields = { 'content-type': 'application/grpc', 'grpc-status': '5' };
    stream.respond(fields, { endStream: true });
  });
  const response = await call(proxy, message, 'Content-Type: application/grpc-web');
  t.equal(headerValue(response.headers, 'grpc-status'), '5');
  t.equal(headerValue(response.headers, 'content-length'), '0');
});

t.test('it is a call of gRPC to all that looks at it', async (t) => {
  const { proxy } = await start(t, respond(message, message));
  const body = message.toString('base64');
  await call(proxy, body, 'Content-Type: application/grpc-web-text');
  const { info } = await proxy.ending();
  t.match(info, { grpcStatus: 0, requestMessages: 1, responseMessages: 2 });
  t.equal(info.requestHeaders?.get('content-type'), 'application/grpc');
  const { grpc } = proxy.cluster().stats;
  t.match(grpc, { requestMessages: 1, responseMessages: 2 });
});

t.test('elsewhere gRPC-Web is a content type like others', async (t) => {
  const { proxy, seen } = await start(t, respond(message), false);
  const response = await call(proxy, message, 'Content-Type: application/grpc-web');
  t.equal(headerValue(response.headers, 'content-type'), 'application/grpc');
  t.same(response.body, message);
  t.ok(seen[0]?.fields.includes('application/grpc-web'));
});
