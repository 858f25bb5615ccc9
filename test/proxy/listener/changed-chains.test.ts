import t, { type Test } from 'tap';
import { matchAny } from '../../../src/model/filter-chain.ts';
import type { Listener } from '../../../src/model/listener.ts';
import type { Route } from '../../../src/model/route.ts';
import {
  clusterOf,
  httpChain,
  httpSettings,
  listenerModel,
  meshOf,
} from '../../support/mesh-models.ts';
import { Origin, type OriginHandler } from '../../support/origin.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest, type RawConnection } from '../../support/raw-client.ts';
import { forwardTo, route } from '../../support/route-models.ts';
import { tcpChain } from '../../support/tcp-models.ts';
import {
  authoritySecret,
  mutualTls,
  pairSecret,
  secretsOf,
  simpleTls,
} from '../../support/tls-fixtures.ts';
import { askAgain, askByTls, startTlsProxy, tlsChain, tlsMesh } from '../../support/tls-proxy.ts';

const upgradeRequest = getRequest('/chat', 'a', [
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
]);

/** Accepts every upgrade and sends back what comes after it. */
const echo: OriginHandler = ({ socket }, data) => {
  const isHead = data.toString('latin1', 0, 4) === 'GET ';
  const accepted =
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
  socket.write(isHead ? accepted : data);
};

async function start(t: Test, chains: Listener['filterChains']) {
  const origin = await Origin.start(echo);
  t.teardown(() => origin.stop());
  const meshWith = (
    filterChains: Listener['filterChains'],
    routes: readonly Route[] = [route('all', {}, forwardTo('origin'))],
    changes: Partial<Listener> = {},
  ) =>
    meshOf({
      routes,
      clusters: [clusterOf('origin', [origin.port])],
      listeners: [listenerModel({ filterChains, ...changes })],
    });
  const proxy = await ProxyHarness.start(t, meshWith(chains), { manualTime: true });
  const reload = (...mesh: Parameters<typeof meshWith>) => proxy.runtime.apply(meshWith(...mesh));
  return { proxy, reload };
}

async function upgraded(t: Test, proxy: ProxyHarness): Promise<RawConnection> {
  const client = await proxy.connect();
  t.teardown(() => client.destroy());
  client.write(upgradeRequest);
  t.equal((await client.readResponse()).status, 101);
  return client;
}

async function echoes(client: RawConnection): Promise<boolean> {
  client.write('ping');
  return (await client.readBytes(4)).toString() === 'ping';
}

t.test('a chain that asks for client certificates ends connections without', async (t) => {
  const proxy = await startTlsProxy(t, simpleTls());
  const { socket, answer } = await askByTls(t, proxy.port);
  t.equal(answer, 'hello');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await proxy.runtime.apply(
    tlsMesh([tlsChain(mutualTls())]),
    secretsOf(pairSecret('server-a'), authoritySecret()),
  );
  await closed;
  t.match((await askByTls(t, proxy.port)).answer, /ERR_SSL/, 'nor are there new ones');
});

t.test('idle connections of a chain that is gone end', async (t) => {
  const direct = route('d', {}, { kind: 'direct-response', status: 200, body: null });
  const { proxy, reload } = await start(t, [httpChain()]);
  await reload([httpChain()], [direct]);
  const client = await proxy.connect();
  t.teardown(() => client.destroy());
  client.write(getRequest('/', 'a'));
  t.equal((await client.readResponse()).status, 200);
  await reload([httpChain({ name: 'other' })], [direct]);
  await client.closed;
  t.equal((await proxy.send(getRequest('/', 'a'))).status, 200, 'new ones go to the next chain');
});

t.test('what is under way has 45 s', async (t) => {
  const other = { ...matchAny, destinations: ['127.0.0.0/8'] };
  const changes: readonly [string, Listener['filterChains'], Partial<Listener>][] = [
    ['another match', [httpChain({ match: other })], {}],
    ['another kind', [tcpChain({ name: 'http' })], {}],
    ['another name', [httpChain({ name: 'other' })], {}],
    ['a PROXY header', [httpChain()], { proxyProtocol: true }],
  ];
  for (const [what, chains, listener] of changes) {
    const { proxy, reload } = await start(t, [httpChain()]);
    const client = await upgraded(t, proxy);
    await reload(chains, undefined, listener);
    proxy.advance(44_000);
    t.ok(await echoes(client), `${what}: it goes on`);
    proxy.advance(1_100);
    await client.closed;
    t.equal(proxy.listener.openConnections, 0, `${what}: it is over`);
  }
});

t.test('a connection of TCP has 45 s, and its counters go on', async (t) => {
  const { proxy, reload } = await start(t, [tcpChain()]);
  const client = await proxy.connect();
  t.teardown(() => client.destroy());
  t.ok(await echoes(client));
  await reload([tcpChain({ match: { ...matchAny, destinations: ['127.0.0.0/8'] } })]);
  proxy.advance(44_000);
  t.ok(await echoes(client));
  proxy.advance(1_100);
  await client.closed;
  t.match(proxy.listener.filterChains, [
    { stats: { downstreamCxTotal: 1, downstreamCxActive: 0 } },
  ]);
});

t.test('routes and settings of HTTP end no connection', async (t) => {
  const { proxy, reload } = await start(t, [httpChain()]);
  const client = await upgraded(t, proxy);
  const gone = route('d', {}, { kind: 'direct-response', status: 404, body: null });
  await reload([httpChain({ http: httpSettings({ serverName: 'other' }) })], [gone]);
  proxy.advance(46_000);
  t.ok(await echoes(client));
  t.equal(proxy.listener.stats.downstreamCxDestroy, 0);
});

t.test('a renewed certificate ends no connection', async (t) => {
  const proxy = await startTlsProxy(t, mutualTls({ clientCertificate: 'optional' }));
  const { socket } = await askByTls(t, proxy.port);
  await proxy.runtime.apply(
    tlsMesh([tlsChain(mutualTls({ clientCertificate: 'optional' }))]),
    secretsOf(
      pairSecret('server-renewed', 'server-a'),
      authoritySecret('other-authority', 'authority'),
    ),
  );
  t.equal(await askAgain(socket), 'hello');
});
