import {
  constants,
  createServer as createHttp2Server,
  createSecureServer,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import t, { type Test } from 'tap';
import { TimerWheel } from '../../../src/base/timer-wheel.ts';
import type { ProbeResult } from '../../../src/cluster/health/health-probe.ts';
import { NetworkHealthProber } from '../../../src/cluster/health/network-health-prober.ts';
import type { HttpHealthCheck, TcpHealthCheck } from '../../../src/model/health-check.ts';
import type { UpstreamTls } from '../../../src/model/tls.ts';
import { UpstreamProbeConnector } from '../../../src/runtime/upstream-probe-connector.ts';
import { TlsContexts } from '../../../src/transport/tls-contexts.ts';
import { eventually } from '../../support/deadline.ts';
import { listen } from '../../support/listen.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { Origin } from '../../support/origin.ts';
import { refusingPort } from '../../support/proxied-origin.ts';
import { scriptedOrigin } from '../../support/scripted-origin.ts';
import { authoritySecret, endpointTls, pem, secretsOf } from '../../support/tls-fixtures.ts';
import { tlsOrigin } from '../../support/tls-origin.ts';
import { healthCheck } from './health-fixture.ts';

const http: HttpHealthCheck = {
  kind: 'http',
  codec: 'http1',
  path: '/healthz?deep=1',
  host: 'web.default',
  method: 'GET',
  expectedStatuses: [{ start: 200, end: 300 }],
  retriableStatuses: [{ start: 503, end: 504 }],
  headers: { 'x-probe': 'yes' },
};

const tcp: TcpHealthCheck = { kind: 'tcp', send: null, receive: [] };

const contexts = new TlsContexts(new ManualClock());
contexts.addSecrets(secretsOf(authoritySecret()));
const connector = new UpstreamProbeConnector(contexts);

function setUp(maxProbes?: number) {
  const clock = new ManualClock();
  const timers = new ManualTimers(clock);
  const prober = new NetworkHealthProber(new TimerWheel(timers, clock), connector, maxProbes);
  const probe = (
    port: number,
    check: HttpHealthCheck | TcpHealthCheck,
    tls: UpstreamTls | null = null,
  ) =>
    new Promise<ProbeResult>((resolve) => {
      prober.probe({ address: '127.0.0.1', port }, healthCheck({ check, tls }), resolve);
    });
  return { timers, prober, probe };
}

async function origin(t: Test, answer: string | null) {
  const started = await scriptedOrigin(() => answer);
  t.teardown(() => started.stop());
  return started;
}

const empty = 'Content-Length: 0\r\n\r\n';

/** What an endpoint answers, and what that means. */
const answers: readonly (readonly [string, string, Partial<ProbeResult>])[] = [
  ['an expected status', `HTTP/1.1 204 No Content\r\n\r\n`, { outcome: 'success' }],
  ['another', `HTTP/1.1 404 No\r\n${empty}`, { outcome: 'failure', detail: 'status 404' }],
  ['a redirect', `HTTP/1.1 302 Go\r\nLocation: /\r\n${empty}`, { outcome: 'failure' }],
  ['one that may be tried again', `HTTP/1.1 503 No\r\n${empty}`, { outcome: 'retriable-failure' }],
  [
    'one with a request to be excluded',
    `HTTP/1.1 500 No\r\nX-Envoy-Immediate-Health-Check-Fail: 1\r\n${empty}`,
    { outcome: 'failure', exclude: true },
  ],
  ['no HTTP', 'SSH-2.0-x\r\n', { outcome: 'network-failure', detail: 'the answer is no HTTP/1.1' }],
  ['a change of protocol', 'HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n', { outcome: 'failure' }],
];

for (const [name, answer, expected] of answers) {
  t.test(`over HTTP: ${name}`, async (t) => {
    const { port } = await origin(t, answer);
    const { prober, probe } = setUp();
    t.match(await probe(port, http), expected);
    t.equal(prober.running, 0);
  });
}

t.test('what is asked', async (t) => {
  const started = await origin(t, `HTTP/1.1 200 OK\r\n${empty}`);
  await setUp().probe(started.port, http);
  const [request] = started.requests;
  t.equal(request?.startLine, 'GET /healthz?deep=1 HTTP/1.1');
  const headers = new Map(request?.headers.map(([name, value]) => [name.toLowerCase(), value]));
  t.equal(headers.get('host'), 'web.default');
  t.equal(headers.get('user-agent'), 'Envoy/HC');
  t.equal(headers.get('x-probe'), 'yes');
  await setUp().probe(started.port, { ...http, host: null, method: 'HEAD' });
  const [, head] = started.requests;
  t.equal(head?.startLine, 'HEAD /healthz?deep=1 HTTP/1.1');
  t.match(head?.headers, [['host', `127.0.0.1:${started.port}`]]);
});

const http2: HttpHealthCheck = { ...http, codec: 'http2' };

async function http2Origin(t: Test, answer: (response: Http2ServerResponse) => void) {
  const asked: string[] = [];
  const server = createHttp2Server();
  server.on('request', ({ headers }, response) => {
    const { ':method': method, ':authority': authority, ':path': path } = headers;
    asked.push(`${method} ${authority} ${path} ${headers['user-agent']} ${headers['x-probe']}`);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, asked };
}

const http2Answers: readonly (readonly [string, number, object, Partial<ProbeResult>])[] = [
  ['an expected status', 204, {}, { outcome: 'success' }],
  ['another', 404, {}, { outcome: 'failure', detail: 'status 404' }],
  ['one that may be tried again', 503, {}, { outcome: 'retriable-failure' }],
  [
    'one with a request to be excluded',
    500,
    { 'x-envoy-immediate-health-check-fail': '1' },
    { outcome: 'failure', exclude: true },
  ],
];

for (const [name, status, headers, expected] of http2Answers) {
  t.test(`over HTTP/2: ${name}`, async (t) => {
    const { port, asked } = await http2Origin(t, (response) => {
      response.writeHead(status, { ...headers });
      // No status without content has any.
      response.end(status === 204 ? '' : 'well');
    });
    const { prober, probe } = setUp();
    t.match(await probe(port, http2), expected);
    t.equal(prober.running, 0);
    t.same(asked, ['GET web.default /healthz?deep=1 Envoy/HC yes']);
  });
}

t.test('over HTTP/2: a stream that is reset', async (t) => {
  const { port } = await http2Origin(t, (response) => {
    response.stream.on('error', () => undefined);
    response.writeHead(200);
    response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  });
  t.match(await setUp().probe(port, http2), { outcome: 'network-failure' });
});

t.test('over HTTP/2: an answer that does not come runs into the timeout', async (t) => {
  const { port, asked } = await http2Origin(t, () => undefined);
  const { timers, probe } = setUp();
  const result = probe(port, http2);
  await eventually('the request', { within: 5_000, every: 1 }, () => asked.length === 1);
  timers.advance(1_020);
  t.match(await result, { outcome: 'timeout' });
});

t.test('over HTTP/2: an endpoint that speaks HTTP/1.1', async (t) => {
  const plain = await Origin.start((connection) => {
    connection.socket.write(`HTTP/1.1 400 Bad Request\r\n${empty}`);
  });
  t.teardown(() => plain.stop());
  t.match(await setUp().probe(plain.port, http2), {
    outcome: 'network-failure',
    detail: 'the answer is no HTTP/2',
  });
});

t.test('nobody listens', async (t) => {
  const port = await refusingPort();
  const { probe } = setUp();
  const refused = { outcome: 'network-failure', detail: 'ECONNREFUSED', exclude: false };
  t.same(await probe(port, http), refused);
  t.same(await probe(port, http2), refused);
  t.same(await probe(port, tcp), refused);
});

t.test('an answer that does not end runs into the timeout', async (t) => {
  const started = await origin(t, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
  const { timers, prober, probe } = setUp();
  const result = probe(started.port, http);
  await eventually('the request', { within: 5_000, every: 1 }, () => started.requests.length === 1);
  timers.advance(1_020);
  t.match(await result, { outcome: 'timeout', detail: 'no answer within 1000 ms' });
  t.equal(prober.running, 0);
});

t.test('a connection that ends before the answer does', async (t) => {
  for (const kind of [http, { ...tcp, receive: ['aa'] }]) {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
    const { port } = server.address() as { port: number };
    t.match(await setUp().probe(port, kind), { outcome: 'network-failure' });
  }
});

t.test('over TCP to connect is enough', async (t) => {
  const started = await origin(t, null);
  t.match(await setUp().probe(started.port, tcp), { outcome: 'success' });
});

t.test('over TCP pieces of the answer must come in order, others may be between', async (t) => {
  const echo = await Origin.start((connection, data) => {
    // In pieces, for an answer need not come in one read.
    for (const byte of data) connection.socket.write(Buffer.from([byte]));
  });
  t.teardown(() => echo.stop());
  const send = Buffer.from('PING x PONG').toString('hex');
  const piece = (text: string) => Buffer.from(text).toString('hex');
  const { timers, probe } = setUp();
  const good = { kind: 'tcp', send, receive: [piece('PING'), piece('PONG')] } as const;
  t.match(await probe(echo.port, good), { outcome: 'success' });
  const bad = probe(echo.port, { ...good, receive: [piece('PONG'), piece('PING')] });
  const sent = 2 * (send.length / 2);
  await eventually('the bytes', { within: 5_000, every: 1 }, () => echo.received().length === sent);
  timers.advance(1_020);
  t.match(await bad, { outcome: 'timeout' });
});

t.test('an endpoint that talks and talks has not said what was expected', async (t) => {
  const chatty = await Origin.start((connection) => {
    connection.socket.write(Buffer.alloc(256 * 1024));
  });
  t.teardown(() => chatty.stop());
  const check = { kind: 'tcp', send: '00', receive: ['ff'] } as const;
  t.match(await setUp().probe(chatty.port, check), {
    outcome: 'network-failure',
    detail: 'another answer than expected',
  });
});

t.test('so many checks at a time, the others in order', async (t) => {
  const started = await origin(t, null);
  const { timers, prober, probe } = setUp(2);
  const results = [1, 2, 3, 4, 5].map(() => probe(started.port, http));
  t.equal(prober.running, 2);
  const cancelled = prober.probe(
    { address: '127.0.0.1', port: started.port },
    healthCheck({ check: http }),
    () => t.fail('it was given up'),
  );
  cancelled.cancel();
  for (const ended of [2, 4, 5]) {
    const asked = Math.min(ended, 5);
    await eventually('requests', { within: 5_000, every: 1 }, () => {
      return started.requests.length === asked;
    });
    timers.advance(1_020);
  }
  t.same(
    (await Promise.all(results)).map(({ outcome }) => outcome),
    Array.from({ length: 5 }, () => 'timeout'),
  );
  t.equal(prober.running, 0);
});

t.test('a check that is given up has no result, and its connection ends', async (t) => {
  const started = await origin(t, null);
  const { timers, prober } = setUp();
  const probe = prober.probe(
    { address: '127.0.0.1', port: started.port },
    healthCheck({ check: http }),
    () => t.fail('it was given up'),
  );
  await eventually('the request', { within: 5_000, every: 1 }, () => started.requests.length === 1);
  probe.cancel();
  probe.cancel();
  t.equal(prober.running, 0);
  timers.advance(5_000);
  await eventually('the end', { within: 5_000, every: 1 }, () => {
    return started.origin.connections.every(
      ({ socket }) => socket.destroyed || socket.readableEnded,
    );
  });
  t.pass();
});

t.test('checks use TLS where requests do', async (t) => {
  const { probe } = setUp();
  const tls = endpointTls({ sni: 'a.example.com', autoSanValidation: false });
  const good = await tlsOrigin(t);
  t.match(await probe(good.port, http, { ...tls, alpn: ['http/1.1'] }), { outcome: 'success' });
  t.match(await probe(good.port, tcp, tls), { outcome: 'success' });
  t.match(good.handshakes[0], { serverName: 'a.example.com', alpn: 'http/1.1' });
  const secure = createSecureServer({ cert: pem('server-a'), key: pem('server-a.key') });
  secure.on('request', (_request, response) => response.writeHead(200).end());
  secure.on('session', (session) => t.teardown(() => session.destroy()));
  const port = await listen(t, secure);
  const http2: HttpHealthCheck = { ...http, codec: 'http2' };
  t.match(await probe(port, http2, { ...tls, alpn: ['h2'] }), { outcome: 'success' });
  const named = endpointTls({ sni: 'a.example.com', alpn: ['http/1.1'] });
  t.match(await probe(good.port, http, named), { outcome: 'success' });
  const misnamed = await probe(good.port, http, { ...named, sni: 'b.example.com' });
  t.match(misnamed, { outcome: 'network-failure', detail: /verify SAN list/ });
  const bad = await tlsOrigin(t, 'server-expired');
  for (const check of [http, tcp, http2]) {
    const { outcome, detail } = await probe(bad.port, check, tls);
    t.equal(outcome, 'network-failure');
    t.match(detail, /certificate verify failed/, check.kind);
  }
  t.strictSame(bad.hosts, []);
});
