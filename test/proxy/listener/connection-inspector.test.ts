import { connect as connectTls } from 'node:tls';
import t, { type Test } from 'tap';
import {
  type FilterChain,
  type FilterChainMatch,
  matchAny,
} from '../../../src/model/filter-chain.ts';
import { defaultLimits, type Limits } from '../../../src/model/limits.ts';
import { eventually } from '../../support/deadline.ts';
import { clusterOf, httpChain, listenerModel, meshOf } from '../../support/mesh-models.ts';
import { answerEachHead, Origin } from '../../support/origin.ts';
import { type HarnessOptions, ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { tcpChain } from '../../support/tcp-models.ts';

interface Setup extends HarnessOptions {
  readonly chains: readonly FilterChain[];
  readonly proxyProtocol?: boolean;
  readonly limits?: Partial<Limits>;
  /** Names of clusters, each with an origin of its own that says its name. */
  readonly clusters?: readonly string[];
}

/** Every cluster has an origin that answers what comes with `name:` and the bytes. */
async function start(t: Test, setup: Setup): Promise<ProxyHarness> {
  const clusters = await Promise.all(
    (setup.clusters ?? ['origin']).map(async (name) => {
      const origin = await Origin.start(({ socket }, data) => {
        socket.write(Buffer.concat([Buffer.from(`${name}:`), data]));
      });
      t.teardown(() => origin.stop());
      return clusterOf(name, [origin.port]);
    }),
  );
  const listener = listenerModel({
    filterChains: setup.chains,
    proxyProtocol: setup.proxyProtocol === true,
    limits: { ...defaultLimits, ...setup.limits },
  });
  const mesh = meshOf({ clusters, listeners: [listener] });
  return ProxyHarness.start(t, mesh, setup);
}

function tcpTo(cluster: string, match: Partial<FilterChainMatch> = {}): FilterChain {
  return tcpChain(
    { name: `to-${cluster}`, match: { ...matchAny, ...match } },
    { clusters: [{ cluster, weight: 1 }] },
  );
}

/** The first bytes of an answer, and nothing where the connection was closed. */
async function answer(proxy: ProxyHarness, bytes: string | Buffer, count = 3): Promise<string> {
  const client = await proxy.connect();
  client.write(bytes);
  const read = await client.readBytes(count);
  client.destroy();
  return read.toString('latin1');
}

/** What a TLS client sends first. */
async function clientHello(serverName: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  const origin = await Origin.start((_, data) => parts.push(data));
  const client = connectTls({ port: origin.port, host: '127.0.0.1', servername: serverName });
  client.on('error', () => undefined);
  await eventually('a ClientHello', { within: 5000, every: 1 }, () => parts.length > 0);
  client.destroy();
  await origin.stop();
  return Buffer.concat(parts);
}

t.test('the server name of a ClientHello chooses the chain, and the bytes reach it', async (t) => {
  const proxy = await start(t, {
    chains: [
      tcpTo('a', { serverNames: ['a.test'] }),
      tcpTo('b', { serverNames: ['*.b.test'] }),
      tcpTo('c', { transport: 'raw' }),
    ],
    clusters: ['a', 'b', 'c'],
  });
  const hello = await clientHello('A.test');
  const whole = await answer(proxy, hello, hello.length + 2);
  t.equal(whole, `a:${hello.toString('latin1')}`);
  t.equal((await proxy.ending()).info.requestedServerName, 'a.test');
  t.equal(await answer(proxy, await clientHello('x.y.b.test'), 2), 'b:');
  t.equal(await answer(proxy, 'raw', 5), 'c:raw');
  t.equal(await answer(proxy, await clientHello('other.test'), 1), '');
  t.equal(proxy.listener.stats.noFilterChainMatch, 1);
  t.equal(proxy.listener.stats.downstreamCxActive, 0);
  const refused = proxy.ended.find(({ flags }) => flags === 'NR');
  const info = { protocol: '', requestedServerName: 'other.test' };
  t.match(refused, { status: 0, details: 'filter_chain_not_found', info });
});

t.test('a ClientHello that comes in pieces is passed on whole', async (t) => {
  const proxy = await start(t, { chains: [tcpTo('origin', { serverNames: ['a.test'] })] });
  const hello = await clientHello('a.test');
  const client = await proxy.connect();
  const { stats } = proxy.listener;
  for (let at = 0; at < hello.length; at += 40) {
    client.write(hello.subarray(at, at + 40));
    const sent = Math.min(hello.length, at + 40);
    await proxy.until('a piece', () => stats.downstreamCxRxBytesTotal === sent);
  }
  const expected = `origin:${hello.toString('latin1')}`;
  let got = '';
  while (got.length < expected.length) {
    const part = await client.readBytes(1);
    if (part.length === 0) break;
    got += part.toString('latin1');
  }
  t.equal(got, expected);
  client.destroy();
});

t.test('HTTP is told from other bytes', async (t) => {
  const routed = httpChain({ match: { ...matchAny, application: 'http' } });
  const proxy = await start(t, { chains: [routed, tcpTo('origin')] });
  const client = await proxy.connect();
  client.write('GET / HT');
  await proxy.until('a piece', () => proxy.listener.stats.downstreamCxRxBytesTotal === 8);
  client.write('TP/1.1\r\nHost: a\r\n\r\n');
  // Its table sends everything to `origin`, which does not speak HTTP.
  t.equal((await client.readResponse()).status, 502);
  client.destroy();
  t.equal(await answer(proxy, 'HELO x\r\n', 15), 'origin:HELO x\r\n');
  t.equal(await answer(proxy, 'GET / HTTP/1.0\r\n\r\n', 10), 'origin:GET');
});

t.test('a destination that asks for nothing lets the server speak first', async (t) => {
  const server = await Origin.start(() => undefined);
  t.teardown(() => server.stop());
  const chains = [
    tcpTo('origin', { destinations: ['127.0.0.1/32'] }),
    httpChain({ match: { ...matchAny, application: 'http' } }),
  ];
  const listener = listenerModel({ filterChains: chains });
  const mesh = meshOf({ clusters: [clusterOf('origin', [server.port])], listeners: [listener] });
  const proxy = await ProxyHarness.start(t, mesh);
  const client = await proxy.connect();
  await proxy.until('a connection', () => server.connections.length === 1);
  server.connections[0]?.socket.write('220 hello');
  t.equal((await client.readBytes(9)).toString(), '220 hello');
  client.destroy();
});

t.test('PROXY protocol headers of both versions come before TCP', async (t) => {
  const proxy = await start(t, { chains: [tcpTo('origin')], proxyProtocol: true });
  const line = 'PROXY TCP4 1.2.3.4 5.6.7.8 111 222\r\n';
  t.equal(await answer(proxy, `${line}hi`, 9), 'origin:hi');
  const { info } = await proxy.ending();
  t.equal(info.downstreamRemoteAddress, '1.2.3.4:111');
  t.match(info.downstreamDirectRemoteAddress, /^127\.0\.0\.1:\d+$/);
  t.equal(info.downstreamLocalAddress, '5.6.7.8:222');
  t.equal(info.bytesReceived, 2, 'the header is not counted as content');
  const local = `\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00`;
  t.equal(await answer(proxy, Buffer.from(`${local}yo`, 'latin1'), 9), 'origin:yo');
  const second = (await proxy.ending(2)).info;
  t.match(second.downstreamRemoteAddress, /^127\.0\.0\.1:\d+$/);
  t.equal(await answer(proxy, 'no header', 1), '');
  t.equal(await answer(proxy, 'PROXY TCP4 x\r\n', 1), '');
  t.equal(await answer(proxy, Buffer.from('\r\n\r\n\0\r\nQUIT\n\x2f', 'latin1'), 1), '');
  t.match(proxy.listener.stats, {
    proxyProtoV1Found: 1,
    proxyProtoV2Found: 1,
    proxyProtoV1Error: 1,
    proxyProtoV2Error: 1,
    proxyProtoNotFoundDisallowed: 1,
  });
  t.equal(proxy.ended.length, 2);
});

t.test('behind a PROXY protocol header a server may speak first', async (t) => {
  const server = await Origin.start(() => undefined);
  t.teardown(() => server.stop());
  const listener = listenerModel({ filterChains: [tcpChain()], proxyProtocol: true });
  const mesh = meshOf({ clusters: [clusterOf('origin', [server.port])], listeners: [listener] });
  const proxy = await ProxyHarness.start(t, mesh);
  const client = await proxy.connect();
  client.write('PROXY UNKNOWN\r\n');
  await proxy.until('a connection', () => server.connections.length === 1);
  server.connections[0]?.socket.write('220');
  t.equal((await client.readBytes(3)).toString(), '220');
  client.destroy();
});

t.test('the client of a PROXY protocol header is the client of HTTP', async (t) => {
  const web = await Origin.start(answerEachHead('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  t.teardown(() => web.stop());
  const listener = listenerModel({ proxyProtocol: true });
  const mesh = meshOf({ clusters: [clusterOf('origin', [web.port])], listeners: [listener] });
  const proxy = await ProxyHarness.start(t, mesh);
  const response = await proxy.send(`PROXY TCP4 9.8.7.6 5.6.7.8 1 2\r\n${getRequest('/', 'a')}`);
  t.equal(response.status, 200);
  t.match(web.received().toString(), /x-forwarded-for: 9\.8\.7\.6\r\n/i);
});

t.test('the destination of a PROXY protocol header chooses the chain', async (t) => {
  const proxy = await start(t, {
    chains: [tcpTo('a', { destinations: ['10.1.0.0/16'] }), tcpTo('b')],
    clusters: ['a', 'b'],
    proxyProtocol: true,
  });
  t.equal(await answer(proxy, 'PROXY TCP4 1.1.1.1 10.1.2.3 1 2\r\nx'), 'a:x');
  t.equal(await answer(proxy, 'PROXY TCP4 1.1.1.1 10.2.2.3 1 2\r\nx'), 'b:x');
});

t.test('the destination of a header is where a passthrough cluster goes', async (t) => {
  const origin = await Origin.start(({ socket }, data) => socket.write(data));
  t.teardown(() => origin.stop());
  const cluster = clusterOf('origin', [], { discovery: 'original-dst' });
  const listener = listenerModel({ filterChains: [tcpChain()], proxyProtocol: true });
  const proxy = await ProxyHarness.start(t, meshOf({ clusters: [cluster], listeners: [listener] }));
  const header = `PROXY TCP4 1.1.1.1 127.0.0.1 1 ${origin.port}\r\n`;
  t.equal(await answer(proxy, `${header}abc`), 'abc');
});

t.test('who says nothing in time', async (t) => {
  const chains = [httpChain({ match: { ...matchAny, application: 'http' } }), tcpTo('origin')];
  const limits = { requestHeadTimeoutMs: 1000 };
  const proxy = await start(t, { chains, limits, manualTime: true });
  const silent = await proxy.connect();
  await proxy.until('accepted', () => proxy.listener.openConnections === 1);
  proxy.advance(900);
  t.equal(proxy.cluster().breaker.connections, 0);
  proxy.advance(200);
  t.equal(proxy.listener.stats.downstreamPreCxTimeout, 1);
  t.equal(proxy.cluster().breaker.connections, 1, 'is a client of TCP');
  silent.write('later');
  t.equal((await silent.readBytes(12)).toString(), 'origin:later');
  silent.destroy();
});

t.test('a header that does not come in time', async (t) => {
  const limits = { requestHeadTimeoutMs: 1000 };
  const setup = { chains: [tcpTo('origin')], proxyProtocol: true, limits, manualTime: true };
  const proxy = await start(t, setup);
  const client = await proxy.connect();
  client.write('PROXY TCP4');
  await proxy.until('bytes', () => proxy.listener.stats.downstreamCxRxBytesTotal === 10);
  proxy.advance(1100);
  t.equal((await client.readToEnd()).length, 0);
  t.equal(proxy.listener.stats.downstreamPreCxTimeout, 1);
});

t.test('first bytes over the limit', async (t) => {
  const chains = [
    tcpTo('a', { serverNames: ['a.test'] }),
    httpChain({ match: { ...matchAny, application: 'http' } }),
    tcpTo('b'),
  ];
  const proxy = await start(t, { chains, clusters: ['a', 'b'], limits: { inspectionBytes: 1000 } });
  const endless = Buffer.concat([Buffer.of(22, 3, 1, 0x40, 0, 1, 0, 0x3f, 0), Buffer.alloc(2000)]);
  t.equal(await answer(proxy, endless, 1), '');
  t.equal(proxy.listener.stats.downstreamListenerFilterError, 1);
  const line = `GET /${'x'.repeat(2000)}`;
  t.equal(await answer(proxy, line, line.length + 2), `b:${line}`, 'a long line is TCP');
});

t.test('a client that leaves too soon, and a proxy that drains', async (t) => {
  const proxy = await start(t, { chains: [tcpTo('origin', { transport: 'tls' })] });
  const leaving = await proxy.connect();
  leaving.write(Buffer.of(22, 3));
  leaving.end();
  t.equal((await leaving.readToEnd()).length, 0);
  t.equal(proxy.listener.stats.downstreamListenerFilterRemoteClose, 1);
  const waiting = await proxy.connect();
  await proxy.until('accepted', () => proxy.listener.openConnections === 1);
  const drained = proxy.listener.drain();
  t.equal((await waiting.readToEnd()).length, 0);
  await drained;
  t.equal(proxy.ended.length, 0, 'no exchange, and no connection of TCP');
});
