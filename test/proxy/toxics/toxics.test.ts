/** Toxics of a route, as a client sees them. */

import t, { type Test } from 'tap';
import type { Toxic, ToxicEffect } from '../../../src/model/toxic.ts';
import { clusterOf, meshOf, retryPolicy } from '../../support/mesh-models.ts';
import {
  type ProxiedOriginOptions,
  postRequest,
  proxiedOrigin,
} from '../../support/proxied-origin.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest, type RawClientError, type RawConnection } from '../../support/raw-client.ts';
import { forwardTo, headerMatch, route } from '../../support/route-models.ts';
import { ok, type Script } from '../../support/scripted-origin.ts';
import { toxicOf } from '../../support/toxic-models.ts';

const get = getRequest('/', 'a');

const fixed = (fixedMs: number): ToxicEffect => ({
  kind: 'first-byte-latency',
  distribution: { kind: 'fixed', fixedMs },
});
const rate = (bytesPerSecond: number): ToxicEffect => ({ kind: 'bandwidth-limit', bytesPerSecond });
const cut = (afterBytes: number): ToxicEffect => ({ kind: 'cut-body', afterBytes });
const reset = (afterBytes: number | null): ToxicEffect => ({
  kind: 'reset-connection',
  afterBytes,
});

/** A proxy on virtual time, where nothing else is said, with toxics on its only route. */
function poisoned(
  t: Test,
  toxics: readonly Toxic[],
  script: Script = () => ok('hello'),
  options: ProxiedOriginOptions = {},
) {
  return proxiedOrigin(t, script, {
    manualTime: true,
    ...options,
    route: { toxics, ...options.route },
  });
}

/** An answer whose length is not known beforehand. */
function chunked(...pieces: string[]): string {
  const chunks = [...pieces, ''].map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`);
  return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join('')}`;
}

/** How the socket of a client ends: `closed` or the code of its error. */
function ending(client: RawConnection): Promise<string> {
  return new Promise((resolve) => {
    client.socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    client.socket.once('end', () => resolve('closed'));
  });
}

t.test('the first byte comes late', async (t) => {
  const { proxy, origin } = await poisoned(t, [toxicOf([fixed(300)])]);
  const client = await proxy.connect();
  for (let i = 1; i <= 2; i++) {
    client.write(get);
    await proxy.until('answer of the origin', () => origin.requests.length === i);
    await proxy.until('hold', () => proxy.listener.stats.toxicFirstByteLatency === i);
    proxy.advance(299);
    t.equal(client.unread.length, 0, 'nothing yet');
    proxy.advance(1);
    t.match(await client.readResponse(), { status: 200, body: Buffer.from('hello') });
    t.match(await proxy.ending(i), { status: 200, flags: 'DI', details: 'via_upstream', sent: 5 });
  }
  t.same(proxy.load, noLoad);
  client.destroy();
});

t.test('a latency counts as time of the endpoint for the timeout of the route', async (t) => {
  const { proxy } = await poisoned(t, [toxicOf([fixed(5_000)])], undefined, {
    action: { timeoutMs: 1_000 },
  });
  const client = await proxy.connect();
  client.write(get);
  await proxy.until('hold', () => proxy.listener.stats.toxicFirstByteLatency === 1);
  proxy.advance(999);
  t.equal(client.unread.length, 0);
  proxy.advance(20);
  t.match(await client.readResponse(), {
    status: 504,
    body: Buffer.from('upstream request timeout'),
  });
  t.match(await proxy.ending(), { status: 504, flags: 'DI,UT', details: 'response_timeout' });
  t.equal(proxy.cluster().stats.upstreamRqTimeout, 1);
  client.write(get);
  await proxy.until('hold', () => proxy.listener.stats.toxicFirstByteLatency === 2);
  proxy.advance(1_020);
  t.equal((await client.readResponse()).status, 504, 'the connection serves on');
  client.destroy();
});

t.test('so it does for a body that has not come in whole, and no endpoint is blamed', async (t) => {
  const half = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello';
  const { proxy } = await poisoned(t, [toxicOf([fixed(5_000)])], () => half, {
    action: { timeoutMs: 1_000 },
  });
  const response = proxy.send(get);
  await proxy.until('hold', () => proxy.listener.stats.toxicFirstByteLatency === 1);
  proxy.advance(1_020);
  t.equal((await response).status, 504);
  t.match(await proxy.ending(), { flags: 'DI,UT', details: 'response_timeout' });
  t.equal(proxy.cluster().stats.upstreamRqTimeout, 1);
  await proxy.until('end of the attempt', () => proxy.load['requests'] === 0);
});

t.test('an endpoint that breaks off while its head is held is answered for', async (t) => {
  const { proxy, origin } = await poisoned(
    t,
    [toxicOf([fixed(1_000)])],
    () => 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello',
  );
  const response = proxy.send(get);
  await proxy.until('hold', () => proxy.listener.stats.toxicFirstByteLatency === 1);
  await origin.stop();
  t.equal((await response).status, 502);
  t.match(await proxy.ending(), { status: 502, flags: 'DI,UPE' });
});

t.test('a client that leaves while it is held back frees everything', async (t) => {
  const { proxy } = await poisoned(t, [toxicOf([fixed(60_000), rate(1)])]);
  const client = await proxy.connect();
  client.write(get);
  await proxy.until('hold', () => proxy.listener.stats.toxicFirstByteLatency === 1);
  client.reset();
  t.match(await proxy.ending(), {
    status: 0,
    flags: 'DI,DC',
    details: 'downstream_remote_disconnect',
  });
  t.same(proxy.load, noLoad);
  proxy.advance(120_000);
  t.equal(proxy.ended.length, 1);
});

t.test('a body passes at a rate, however it is framed', async (t) => {
  const body = 'x'.repeat(1_000);
  for (const answer of [ok(body), chunked(body.slice(0, 10), body.slice(10))]) {
    const { proxy, origin } = await poisoned(t, [toxicOf([rate(100)])], () => answer);
    const client = await proxy.connect();
    client.write(get);
    await proxy.until('answer', () => proxy.listener.stats.toxicBandwidthLimit === 1);
    await proxy.until('end of the attempt', () => proxy.load['requests'] === 0);
    t.equal(origin.requests.length, 1);
    proxy.advance(5_000);
    const passed = () => client.unread.toString('latin1').split('x').length - 1;
    await proxy.until('half of it', () => passed() >= 500);
    t.ok(passed() <= 510, 'half of it after half the time');
    t.equal(proxy.ended.length, 0);
    proxy.advance(5_100);
    const response = await client.readResponse();
    t.equal(response.body.toString(), body);
    t.equal(response.truncated, false);
    t.match(await proxy.ending(), { status: 200, flags: 'DI', sent: 1_000 });
    client.write(get);
    await proxy.until('next', () => proxy.listener.stats.toxicBandwidthLimit === 2);
    client.destroy();
  }
});

t.test('a client that leaves a slow body frees the endpoint', async (t) => {
  const { proxy } = await poisoned(t, [toxicOf([rate(10)])], () => ok('x'.repeat(5_000_000)));
  const client = await proxy.connect();
  client.write(get);
  await proxy.until('answer', () => proxy.listener.stats.toxicBandwidthLimit === 1);
  client.reset();
  t.match(await proxy.ending(), { status: 200, flags: 'DI,DC' });
  t.same(proxy.load, noLoad);
  await proxy.until('upstream close', () => proxy.cluster().breaker.connections === 0);
});

t.test('answers without a body are late, but never limited or cut', async (t) => {
  const toxics = [toxicOf([fixed(100), rate(1), cut(0), reset(0)])];
  const rows: readonly (readonly [method: string, answer: string])[] = [
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'],
    ['GET', ok('')],
  ];
  for (const [method, answer] of rows) {
    const { proxy } = await poisoned(t, toxics, () => answer);
    const client = await proxy.connect();
    for (let i = 1; i <= 2; i++) {
      client.write(get.replace('GET', method));
      await proxy.until('hold', () => proxy.listener.stats.toxicFirstByteLatency === i);
      proxy.advance(100);
      const response = await client.readResponse({ method });
      t.equal(response.status, Number(answer.slice(9, 12)), method);
      t.match(await proxy.ending(i), { flags: 'DI', details: 'via_upstream' });
    }
    client.destroy();
  }
});

t.test('a body is cut, and the client can tell', async (t) => {
  for (const answer of [ok('hello world'), chunked('hello', ' world')]) {
    const { proxy } = await poisoned(t, [toxicOf([cut(7)])], () => answer);
    const client = await proxy.connect();
    const end = ending(client);
    client.write(get);
    const response = await client.readResponse();
    t.equal(response.body.toString(), 'hello w');
    t.equal(response.truncated, true);
    t.equal(await end, 'closed');
    t.match(await proxy.ending(), { status: 200, flags: 'FI', details: 'toxic_cut_body', sent: 7 });
    t.match(proxy.listener.stats, { toxicCutBody: 1, downstreamRqTxReset: 1 });
    await proxy.until('end of the attempt', () => proxy.load['requests'] === 0);
    client.destroy();
  }
});

t.test('a cut at any place leaves exactly what is before it', async (t) => {
  const body = 'hello world';
  for (const answer of [ok(body), chunked('h', 'ello', ' ', 'world')]) {
    for (let bytes = 0; bytes <= body.length + 1; bytes++) {
      const { proxy } = await poisoned(t, [toxicOf([cut(bytes)])], () => answer);
      const response = await proxy.send(get);
      t.equal(response.body.toString(), body.slice(0, bytes));
      t.equal(response.truncated, bytes < body.length, `at ${bytes}`);
    }
  }
});

t.test('requests behind one that is held back wait for their turn', async (t) => {
  const { proxy, origin } = await poisoned(t, [toxicOf([fixed(100)])], ({ startLine }) =>
    ok(startLine),
  );
  const client = await proxy.connect();
  client.write(getRequest('/1', 'a') + getRequest('/2', 'a'));
  for (let i = 1; i <= 2; i++) {
    await proxy.until('hold', () => proxy.listener.stats.toxicFirstByteLatency === i);
    t.equal(origin.requests.length, i);
    proxy.advance(100);
    t.equal((await client.readResponse()).body.toString(), `GET /${i} HTTP/1.1`);
  }
  client.destroy();
});

t.test('a body that is not longer than the cut is whole, and the connection stays', async (t) => {
  const { proxy } = await poisoned(t, [toxicOf([cut(5)])]);
  const client = await proxy.connect();
  for (let i = 1; i <= 2; i++) {
    client.write(get);
    t.match(await client.readResponse(), { body: Buffer.from('hello'), truncated: false });
    t.match(await proxy.ending(i), { flags: '-', details: 'via_upstream' });
  }
  t.equal(proxy.listener.stats.toxicCutBody, 0);
  client.destroy();
});

t.test('a connection is reset before, after and within the response', async (t) => {
  const rows: readonly (readonly [afterBytes: number | null, body: string, status: number])[] = [
    [null, '', 0],
    [0, '', 200],
    [3, 'hel', 200],
  ];
  for (const [afterBytes, body, status] of rows) {
    const { proxy, origin } = await poisoned(t, [toxicOf([reset(afterBytes)])]);
    const client = await proxy.connect();
    const end = ending(client);
    client.write(get);
    t.equal(await end, 'ECONNRESET', `after ${afterBytes}`);
    const received = client.unread.toString('latin1');
    t.equal(received.slice(received.indexOf('\r\n\r\n') + 4), afterBytes === null ? '' : body);
    t.equal(received.startsWith('HTTP/1.1 200 OK'), status === 200);
    t.match(await proxy.ending(), {
      status,
      flags: 'FI',
      details: 'toxic_reset_connection',
      sent: body.length,
    });
    t.equal(origin.requests.length, 1, 'the endpoint has handled the request');
    t.equal(proxy.listener.stats.toxicResetConnection, 1);
    await proxy.until('close', () => proxy.listener.stats.downstreamCxActive === 0);
  }
});

t.test('what was sent before a reset arrives, also where it is much', async (t) => {
  const body = 'x'.repeat(3_000_000);
  const { proxy } = await poisoned(t, [toxicOf([reset(2_000_000)])], () => ok(body));
  const client = await proxy.connect();
  const end = ending(client);
  client.write(get);
  t.equal(await end, 'ECONNRESET');
  t.match(await proxy.ending(), { sent: 2_000_000, details: 'toxic_reset_connection' });
  client.destroy();
});

t.test('headers choose the requests, and a percentage how many of them', async (t) => {
  const headers = [headerMatch('x-test', { kind: 'exact', value: 'reset' })];
  const { proxy } = await poisoned(t, [toxicOf([reset(null)], { headers, percentage: 250_000 })]);
  const outcome = async (bytes: string): Promise<string> =>
    proxy.send(bytes).then(
      ({ status }) => String(status),
      (error: RawClientError) => error.code,
    );
  for (let i = 0; i < 20; i++) t.equal(await outcome(get), '200');
  let broken = 0;
  for (let i = 0; i < 200; i++) {
    const code = await outcome(getRequest('/', 'a', [['x-test', 'reset']]));
    if (code !== '200') broken++;
  }
  // The seed of the harness decides; far from none and from all it must be.
  t.ok(broken > 30 && broken < 70, `${broken} of 200`);
  t.equal(proxy.listener.stats.toxicResetConnection, broken);
});

t.test(
  'direct responses are hit like those of an endpoint, errors of the proxy are not',
  async (t) => {
    const toxics = [toxicOf([cut(2)])];
    const action = {
      kind: 'direct-response',
      status: 200,
      body: { encoding: 'utf8', data: 'hello' },
    } as const;
    const direct = {
      ...route('direct', { path: { kind: 'prefix', value: '/direct', ignoreCase: false } }, action),
      toxics,
    };
    const missing = { ...route('missing', {}, forwardTo('origin')), toxics };
    const proxy = await ProxyHarness.start(
      t,
      meshOf({ routes: [direct, missing], clusters: [clusterOf('origin', [])] }),
    );
    const broken = await proxy.send(getRequest('/direct', 'a'));
    t.match(broken, { status: 200, body: Buffer.from('he'), truncated: true });
    t.match(await proxy.ending(), { flags: 'FI', details: 'toxic_cut_body' });
    const refused = await proxy.send(get);
    t.match(refused, { status: 503, body: Buffer.from('no healthy upstream'), truncated: false });
    t.match(await proxy.ending(2), { flags: 'UH', details: 'no_healthy_upstream' });
  },
);

t.test('retries come first: a toxic hits the response that is left', async (t) => {
  let answers = 0;
  const { proxy, origin } = await poisoned(
    t,
    [toxicOf([cut(2)])],
    () => (++answers === 1 ? 'HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n' : ok('hello')),
    {
      manualTime: false,
      action: {
        retryPolicy: retryPolicy({ numRetries: 1, avoidPreviousHosts: false }),
      },
    },
  );
  t.match(await proxy.send(get), { body: Buffer.from('he'), truncated: true });
  t.match(await proxy.ending(), { attempts: 2, details: 'toxic_cut_body' });
  t.equal(origin.requests.length, 2);
});

t.test('a reload changes nothing for those who are held back', async (t) => {
  const { proxy, origin } = await poisoned(t, [toxicOf([fixed(1_000), cut(2)])]);
  const client = await proxy.connect();
  client.write(get);
  await proxy.until('hold', () => proxy.listener.stats.toxicFirstByteLatency === 1);
  await proxy.runtime.apply(
    meshOf({
      clusters: [clusterOf('origin', [origin.port])],
      routes: [route('all', {}, forwardTo('origin'))],
    }),
  );
  const other = await proxy.send(get);
  t.match(other, { body: Buffer.from('hello'), truncated: false });
  proxy.advance(1_000);
  t.match(await client.readResponse(), { body: Buffer.from('he'), truncated: true });
});

t.test('a response that is held back for too long is given up', async (t) => {
  const { proxy } = await poisoned(t, [toxicOf([fixed(60_000)])], undefined, {
    limits: { streamIdleMs: 1_000 },
  });
  const response = proxy.send(get);
  await proxy.until('hold', () => proxy.listener.stats.toxicFirstByteLatency === 1);
  proxy.advance(2_500);
  t.equal((await response).status, 504);
  t.match(await proxy.ending(), { flags: 'DI,SI', details: 'stream_idle_timeout' });
});

t.test('a switch of protocols passes toxics by', async (t) => {
  const answer =
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';
  const { proxy } = await poisoned(t, [toxicOf([fixed(1_000), cut(0)])], () => answer);
  const client = await proxy.connect();
  client.write(
    getRequest('/', 'a', [
      ['Connection', 'upgrade'],
      ['Upgrade', 'websocket'],
    ]),
  );
  t.equal((await client.readResponse()).status, 101);
  client.destroy();
});

t.test(
  'a slow upload reaches the endpoint at its rate, and timeouts wait for its end',
  async (t) => {
    const slow: ToxicEffect = { kind: 'slow-upload', bytesPerSecond: 100 };
    const { proxy, origin } = await poisoned(t, [toxicOf([slow])], undefined, {
      action: { timeoutMs: 500 },
    });
    const body = Array.from({ length: 250 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
    const client = await proxy.connect();
    for (let i = 1; i <= 2; i++) {
      client.write(postRequest('/', body));
      await proxy.until('begin', () => proxy.listener.stats.toxicSlowUpload === i);
      await proxy.until('first bytes', () => proxy.load['requests'] === 1);
      proxy.advance(2_400);
      t.equal(origin.requests.length, i - 1, 'the request is not complete');
      proxy.advance(200);
      t.equal((await client.readResponse()).status, 200);
      t.equal(origin.requests[i - 1]?.body.toString(), body);
      t.match(await proxy.ending(i), { status: 200, flags: 'DI', received: 250 });
    }
    client.destroy();
  },
);

t.test('a client that leaves in the middle of a slow upload ends the attempt', async (t) => {
  const slow: ToxicEffect = { kind: 'slow-upload', bytesPerSecond: 1 };
  const { proxy } = await poisoned(t, [toxicOf([slow])]);
  const client = await proxy.connect();
  // Less than `streamBufferBytes`: of a client whose upload is paused nothing is heard (0060).
  client.write(postRequest('/', 'x'.repeat(200_000)));
  await proxy.until('first bytes', () => proxy.load['requests'] === 1);
  client.reset();
  t.match(await proxy.ending(), { flags: 'DI,DC' });
  t.same(proxy.load, noLoad);
});

t.test('an early answer ends a slow upload', async (t) => {
  const slow: ToxicEffect = { kind: 'slow-upload', bytesPerSecond: 1 };
  const { proxy, origin } = await poisoned(t, [toxicOf([slow])], undefined, {
    limits: { requestHeadTimeoutMs: 0 },
  });
  const client = await proxy.connect();
  client.write(postRequest('/', 'x'.repeat(500)));
  await proxy.until('first bytes', () => proxy.load['requests'] === 1);
  const [upstream] = origin.origin.connections;
  upstream?.socket.write('HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n');
  t.equal((await client.readResponse()).status, 413);
  t.same(proxy.load, noLoad);
  proxy.advance(10_000);
  t.equal(proxy.ended.length, 1);
});
