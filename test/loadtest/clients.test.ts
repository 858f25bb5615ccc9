import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import t, { type Test } from 'tap';
import { noEndpoint } from '../../src/loadtest/request-log.ts';
import type { RequestKind } from '../../src/loadtest/scenario.ts';
import { listen } from '../support/listen.ts';
import { httpOrigin } from '../support/origin.ts';
import { pem } from '../support/tls-fixtures.ts';
import { page, runClosedLoad, runOpenLoad } from './load-run.ts';

// What arrives at a server is what the scenario says, in every protocol.

interface Arrived {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly host: string | undefined;
  readonly load: unknown;
  body: string;
}

function recorder() {
  const arrived: Arrived[] = [];
  // node:http and node:http2 have the same surface here.
  const listener = (request: AnyRequest, response: AnyResponse): void => {
    const { method, url: path, headers } = request;
    const host = (headers[':authority'] ?? headers.host) as string | undefined;
    const entry = { method, path, host, load: headers['x-load'], body: '' };
    arrived.push(entry);
    request.on('data', (data: Buffer) => {
      entry.body += data;
    });
    request.on('end', () => {
      response.writeHead(path === '/gone' ? 410 : 200, { 'x-loadtest-endpoint': '3' });
      response.end('done');
    });
  };
  return { arrived, listener };
}

interface AnyRequest {
  readonly method?: string;
  readonly url?: string;
  readonly headers: Readonly<Record<string, unknown>>;
  on(event: string, listener: (data: Buffer) => void): unknown;
}

interface AnyResponse {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  end(text: string): unknown;
}

const tls = { serverName: 'a.example.com', ca: pem('authority'), insecure: false };
const pair = { cert: pem('server-a'), key: pem('server-a.key') };

const protocols = {
  'HTTP/1.1': async (t: Test, listener: ReturnType<typeof recorder>['listener']) => {
    const origin = await httpOrigin(listener as never);
    t.teardown(() => origin.stop());
    return { port: origin.port };
  },
  'HTTP/1.1 over TLS': async (t: Test, listener: ReturnType<typeof recorder>['listener']) => {
    const port = await listen(t, createHttpsServer(pair, listener as never));
    return { port, tls };
  },
  'HTTP/2': async (t: Test, listener: ReturnType<typeof recorder>['listener']) => {
    const port = await listen(t, createHttp2Server(listener as never));
    return { port, protocol: 'h2' } as const;
  },
  'HTTP/2 over TLS': async (t: Test, listener: ReturnType<typeof recorder>['listener']) => {
    const port = await listen(t, createSecureServer(pair, listener as never));
    return { port, protocol: 'h2', tls } as const;
  },
};

const post: RequestKind = { ...page, method: 'POST', path: '/gone', body: 'item {{sequence}}' };

for (const [name, start] of Object.entries(protocols)) {
  t.test(`an open loop over ${name}`, async (t) => {
    const { arrived, listener } = recorder();
    const target = await start(t, listener);
    const seen = await runOpenLoad({ ...target, rate: 40, durationMs: 500 });
    t.strictSame(seen.failures, ['none']);
    t.strictSame(seen.statuses, [200]);
    t.strictSame(seen.endpoints, [3]);
    t.equal(arrived.length, 20);
    // They come on several connections, in whatever order.
    t.strictSame(
      arrived.find(({ load }) => load === '19'),
      {
        ...{ method: 'GET', path: '/page', host: 'shop.example.com', load: '19', body: '' },
      },
    );
    const posted = await runOpenLoad({ ...target, rate: 10, durationMs: 200, kind: post });
    t.strictSame(posted.statuses, [410]);
    t.match(arrived.at(-1), { method: 'POST', path: '/gone', body: 'item 1' });
  });
}

t.test('a certificate that nobody knows is a failure of the request', async (t) => {
  const target = await protocols['HTTP/1.1 over TLS'](t, recorder().listener);
  const strange = { ...tls, ca: null };
  const refused = await runOpenLoad({ ...target, tls: strange, rate: 10, durationMs: 200 });
  t.strictSame(refused.statuses, [0]);
  t.strictSame(refused.failures, ['other']);
  const insecure = { ...strange, insecure: true };
  const taken = await runOpenLoad({ ...target, tls: insecure, rate: 10, durationMs: 200 });
  t.strictSame(taken.statuses, [200]);
});

t.test('a closed loop sends what the scenario says', async (t) => {
  const { arrived, listener } = recorder();
  const { port } = await protocols['HTTP/1.1'](t, listener);
  const seen = await runClosedLoad({ port, durationMs: 1000, connections: 2, kind: post });
  t.ok(arrived.length > 10);
  const [first] = arrived;
  t.match(first, { method: 'POST', path: '/gone', host: 'shop.example.com', body: /^item \d+$/ });
  t.equal(seen.log.status(1), 410);
  t.equal(seen.log.endpoint(1), 3);
});

for (const [name, expected, listener] of [
  ['a server that hangs', 'timeout', () => undefined],
  ['a server that resets', 'reset', (request: AnyRequest) => destroySocket(request)],
] as const) {
  for (const protocol of ['http1', 'h2'] as const) {
    t.test(`${name} is a ${expected} over ${protocol}`, async (t) => {
      const start = protocol === 'h2' ? protocols['HTTP/2'] : protocols['HTTP/1.1'];
      const target = await start(t, listener as never);
      // A reset comes at once, however busy the machine is.
      const timeoutMs = expected === 'timeout' ? 150 : 10_000;
      const options = { ...target, rate: 20, durationMs: 200, timeoutMs };
      const seen = await runOpenLoad({ ...options, connections: 2 });
      t.equal(seen.log.length, 4);
      t.strictSame(seen.failures, [expected]);
      t.strictSame(seen.endpoints, [noEndpoint]);
    });
  }
}

function destroySocket(request: AnyRequest): void {
  const { stream, socket } = request as unknown as {
    stream?: { session: { destroy(): void } };
    socket: { resetAndDestroy(): void };
  };
  if (stream === undefined) socket.resetAndDestroy();
  else stream.session.destroy();
}

t.test('what waits when the load is ended early is the fault of nobody', async (t) => {
  const target = await protocols['HTTP/1.1'](t, () => undefined);
  const signal = AbortSignal.timeout(300);
  const seen = await runOpenLoad({ ...target, rate: 20, durationMs: 60_000, signal });
  t.strictSame(seen.failures, ['unfinished']);
  t.ok(seen.log.length < 20, `${seen.log.length} requests`);
});

t.test('a port that nobody listens on refuses', async (t) => {
  const origin = await httpOrigin(() => undefined);
  await origin.stop();
  const seen = await runOpenLoad({ port: origin.port, rate: 20, durationMs: 100 });
  t.strictSame(seen.failures, ['refused']);
});
