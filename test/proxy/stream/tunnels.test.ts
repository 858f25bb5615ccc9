import t, { type Test } from 'tap';
import type { Limits } from '../../../src/model/limits.ts';
import { headerValue } from '../../support/http-reader.ts';
import { clusterOf, httpSettings, meshOf } from '../../support/mesh-models.ts';
import { Origin, type OriginHandler } from '../../support/origin.ts';
import { proxiedOrigin } from '../../support/proxied-origin.ts';
import { noLoad, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest, type RawConnection } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';

const accepted =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
const upgradeRequest = getRequest('/chat', 'a', [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
]);

/** Accepts the upgrade and sends back what comes. */
const echo: OriginHandler = ({ socket }, data) => {
  const end = data.indexOf('\r\n\r\n');
  if (data.toString('latin1', 0, 4) !== 'GET ' || end < 0) {
    socket.write(data);
    return;
  }
  socket.write(accepted);
  if (end + 4 < data.length) socket.write(data.subarray(end + 4));
};

async function start(t: Test, handler: OriginHandler = echo, limits: Partial<Limits> = {}) {
  const origin = await Origin.start(handler);
  const mesh = meshOf({ clusters: [clusterOf('origin', [origin.port])], limits });
  const proxy = await ProxyHarness.start(t, mesh);
  t.teardown(() => origin.stop());
  return { origin, proxy };
}

async function upgraded(proxy: ProxyHarness): Promise<RawConnection> {
  const client = await proxy.connect();
  client.write(upgradeRequest);
  const response = await client.readResponse();
  if (response.status !== 101) throw new Error(`status ${response.status}`);
  return client;
}

t.test('an upgrade passes with its fields, and bytes pass both ways after it', async (t) => {
  const { origin, proxy } = await start(t);
  const client = await proxy.connect();
  client.write(upgradeRequest);
  const response = await client.readResponse();
  t.equal(response.status, 101);
  t.equal(headerValue(response.headers, 'upgrade'), 'websocket');
  t.equal(headerValue(response.headers, 'connection'), 'Upgrade');
  t.match(origin.received().toString(), /\r\nconnection: Upgrade\r\n/i);
  t.match(origin.received().toString(), /\r\nupgrade: websocket\r\n/i);
  client.write('ping');
  t.equal((await client.readBytes(4)).toString(), 'ping');
  client.destroy();
});

t.test('the route changes the head of a 101, and a hash adds its cookie', async (t) => {
  const origin = await Origin.start(echo);
  t.teardown(() => origin.stop());
  const session = {
    kind: 'cookie',
    name: 'sess',
    path: null,
    ttlSeconds: 0,
    attributes: [],
  } as const;
  const routes = [
    {
      ...route('r', {}, forwardTo('origin', { hashPolicies: [session] })),
      responseHeaders: { set: [{ name: 'x-set', value: '1' }], add: [], remove: [] },
    },
  ];
  const mesh = meshOf({ clusters: [clusterOf('origin', [origin.port])], routes });
  const client = await (await ProxyHarness.start(t, mesh)).connect();
  client.write(upgradeRequest);
  const { status, headers } = await client.readResponse();
  t.equal(status, 101);
  t.equal(headerValue(headers, 'x-set'), '1');
  t.match(headerValue(headers, 'set-cookie'), /^sess="[0-9a-f]{16}"; HttpOnly$/);
  client.destroy();
});

t.test('bytes that are early reach the other side', async (t) => {
  const { proxy } = await start(t, ({ socket }, data) => {
    const isUpgrade = data.toString('latin1', 0, 4) === 'GET ';
    socket.write(isUpgrade ? `${accepted}from the origin` : data);
  });
  const client = await proxy.connect();
  client.write(`${upgradeRequest} and from the client`);
  await client.readResponse();
  const expected = 'from the origin and from the client';
  t.equal((await client.readBytes(expected.length)).toString(), expected);
  client.destroy();
});

t.test('the client ends the tunnel', async (t) => {
  const { proxy } = await start(t);
  const client = await upgraded(proxy);
  client.write('ping');
  await client.readBytes(4);
  client.end();
  t.match(await proxy.ending(), {
    status: 101,
    flags: 'DC',
    details: 'downstream_remote_disconnect',
    received: 4,
    sent: 4,
  });
  t.same(proxy.load, noLoad);
  await proxy.until('upstream close', () => proxy.cluster().breaker.connections === 0);
  t.equal(proxy.ended.length, 1);
});

t.test('the upstream ends the tunnel', async (t) => {
  const { origin, proxy } = await start(t);
  const client = await upgraded(proxy);
  origin.connections[0]?.socket.end('bye');
  t.equal((await client.readToEnd()).toString(), 'bye');
  t.match(await proxy.ending(), { status: 101, flags: '-', details: 'upstream_remote_disconnect' });
  t.same(proxy.load, noLoad);
  t.equal(proxy.ended.length, 1);
});

t.test('an upgrade that the origin declines with an error ends with its answer', async (t) => {
  const { proxy } = await start(t, ({ socket }) => {
    socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nwhy?');
  });
  const response = await proxy.send(upgradeRequest);
  t.equal(response.status, 403);
  t.equal(response.body.toString(), 'why?');
  t.equal(headerValue(response.headers, 'connection'), 'close', 'the tunnel may have begun');
  t.equal(headerValue(response.headers, 'x-envoy-upstream-service-time'), null);
  t.match(await proxy.ending(), { status: 403, details: 'via_upstream' });
});

t.test('of any other answer to an upgrade the client gets the status alone', async (t) => {
  const { proxy } = await start(t, ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nX-Own: 1\r\nContent-Length: 2\r\n\r\nno');
  });
  const response = await proxy.send(upgradeRequest);
  t.equal(response.status, 200);
  t.equal(headerValue(response.headers, 'x-own'), null);
  t.equal(headerValue(response.headers, 'connection'), 'close');
  t.equal(response.body.length, 0);
  t.match(await proxy.ending(), {
    status: 200,
    flags: '-',
    details: 'websocket_handshake_unsuccessful',
  });
  await proxy.until('rest', () => proxy.load['endpointRequests'] === 0);
});

t.test('upgrades are refused where they are off, or to something unknown', async (t) => {
  const off = meshOf({ http: httpSettings({ websocketUpgrades: false }) });
  const rows = [
    [off, 'websocket'],
    [meshOf({}), 'telnet'],
  ] as const;
  for (const [mesh, upgrade] of rows) {
    const proxy = await ProxyHarness.start(t, mesh);
    const request = getRequest('/', 'a', [
      ['Upgrade', upgrade],
      ['Connection', 'Upgrade'],
    ]);
    t.equal((await proxy.send(request)).status, 403);
    t.match(await proxy.ending(), { status: 403, details: 'upgrade_failed' });
  }
});

t.test('a tunnel carries much both ways at once', async (t) => {
  const { proxy } = await start(t, echo, { streamBufferBytes: 128 * 1024 });
  const client = await upgraded(proxy);
  const length = 16 * 1024 * 1024;
  let echoed = 0;
  client.socket.removeAllListeners('data');
  client.socket.on('data', (data: Buffer) => {
    echoed += data.length;
  });
  const piece = Buffer.alloc(64 * 1024, 'x');
  for (let sent = 0; sent < length; sent += piece.length) client.write(piece);
  await proxy.until('echo', () => echoed === length);
  client.end();
  t.match(await proxy.ending(), { received: length, sent: length });
});

t.test('an established tunnel knows no route timeout', async (t) => {
  const origin = await Origin.start(({ socket }, data) =>
    socket.write(data.includes('GET ') ? accepted : data),
  );
  t.teardown(() => origin.stop());
  const routes = [route('all', {}, forwardTo('origin', { timeoutMs: 2_000 }))];
  const mesh = meshOf({ clusters: [clusterOf('origin', [origin.port])], routes });
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
  const client = await proxy.connect();
  client.write(upgradeRequest);
  t.equal((await client.readResponse()).status, 101);
  proxy.advance(60_000);
  client.write('ping');
  t.equal((await client.readBytes(4)).toString(), 'ping');
  client.destroy();
});

t.test('bytes of a tunnel keep its stream from being idle', async (t) => {
  const origin = await Origin.start(({ socket }, data) =>
    socket.write(data.includes('GET ') ? accepted : data),
  );
  t.teardown(() => origin.stop());
  const mesh = meshOf({
    clusters: [clusterOf('origin', [origin.port])],
    limits: { streamIdleMs: 10_000 },
  });
  const proxy = await ProxyHarness.start(t, mesh, { manualTime: true });
  const client = await proxy.connect();
  client.write(upgradeRequest);
  await client.readResponse();
  for (let i = 0; i < 5; i++) {
    proxy.advance(6_000);
    client.write('ping');
    t.equal((await client.readBytes(4)).toString(), 'ping');
  }
  proxy.advance(30_000);
  await client.closed;
  t.match(await proxy.ending(), { flags: 'SI', received: 20, sent: 20 });
});

t.test('how a tunnel ended is told once, whatever its connections do then', async (t) => {
  const { origin, proxy } = await start(t, echo, { streamIdleMs: 20 });
  const client = await upgraded(proxy);
  await client.closed;
  const { details, info } = await proxy.ending();
  t.match(details, /stream.idle.timeout/i);
  origin.connections[0]?.socket.end('late');
  await proxy.until('upstream close', () => proxy.cluster().breaker.connections === 0);
  t.equal(info.details, details);
  t.same(proxy.load, noLoad);
});

t.test('a 101 that nobody asked for is an error of the upstream', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => accepted);
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 502);
  t.match(await proxy.ending(), { flags: 'UPE' });
  t.same(proxy.load, noLoad);
});

/** A proxy before an origin that reads nothing of its tunnel until it is told to. */
async function pausedTunnel(t: Test, length: number, limits: Partial<Limits> = {}) {
  let bytes = 0;
  const origin = await Origin.start(({ socket }, data) => {
    if (data.toString('latin1', 0, 4) === 'GET ') {
      socket.write(accepted);
      socket.pause();
    } else bytes += data.length;
  });
  t.teardown(() => origin.stop());
  const mesh = meshOf({
    clusters: [clusterOf('origin', [origin.port])],
    limits: { ...limits, streamBufferBytes: 2 * length },
  });
  const manualTime = limits.streamIdleMs !== undefined;
  const proxy = await ProxyHarness.start(t, mesh, { manualTime });
  const client = await proxy.connect();
  client.write(upgradeRequest);
  await client.readResponse();
  const resume = async (): Promise<number> => {
    origin.connections[0]?.socket.resume();
    await proxy.until('all bytes', () => bytes === length);
    return bytes;
  };
  return { proxy, client, resume };
}

t.test('what a client sent before it closed a tunnel is delivered', async (t) => {
  const length = 16 * 1024 * 1024;
  const { proxy, client, resume } = await pausedTunnel(t, length);
  client.write(Buffer.alloc(length));
  client.end();
  await proxy.ending();
  t.equal(await resume(), length);
});

t.test('what a client sent before its tunnel was idle for too long is delivered', async (t) => {
  const length = 16 * 1024 * 1024;
  const { proxy, client, resume } = await pausedTunnel(t, length, { streamIdleMs: 10_000 });
  client.write(Buffer.alloc(length));
  const { stats } = proxy.listener;
  await proxy.until('all bytes taken', () => stats.downstreamCxRxBytesTotal > length);
  proxy.advance(11_000);
  t.match(await proxy.ending(), { flags: 'SI', received: length });
  t.equal(await resume(), length);
});
