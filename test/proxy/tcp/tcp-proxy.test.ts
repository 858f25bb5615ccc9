import t from 'tap';
import { clusterOf } from '../../support/mesh-models.ts';
import { refusingPort } from '../../support/proxied-origin.ts';
import {
  atRest,
  proxiedTcp,
  rawServer,
  type TcpSetup,
  tcpMesh,
} from '../../support/proxied-tcp.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';

t.test('bytes pass both ways, and the end is recorded once', async (t) => {
  const { origin, proxy } = await proxiedTcp(t);
  const client = await proxy.connect();
  client.write('ping');
  t.equal((await client.readBytes(4)).toString(), 'ping');
  client.end();
  t.equal((await client.readToEnd()).length, 0);
  const { info, ...ended } = await proxy.ending();
  t.match(ended, { status: 0, flags: '-', details: '', attempts: 1, received: 4, sent: 4 });
  t.equal(info.protocol, '');
  t.equal(info.cluster?.name, 'origin');
  t.equal(info.upstreamAddress, `127.0.0.1:${origin.port}`);
  t.match(info.upstreamLocalAddress, /^127\.0\.0\.1:\d+$/);
  await proxy.until('rest', () => atRest(proxy));
  t.equal(proxy.ended.length, 1);
});

t.test('a server may be the first to speak', async (t) => {
  const port = await rawServer(t, (socket) => socket.write('220 hello\r\n'));
  const proxy = await ProxyHarness.start(t, tcpMesh([port]));
  const client = await proxy.connect();
  t.equal((await client.readBytes(11)).toString(), '220 hello\r\n');
  client.destroy();
});

t.test('the client ends its direction, and the answer still comes', async (t) => {
  const port = await rawServer(t, (socket) => {
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('end', () => setImmediate(() => socket.end(`got ${text}`)));
  });
  const proxy = await ProxyHarness.start(t, tcpMesh([port]));
  const client = await proxy.connect();
  client.write('all of it');
  client.end();
  t.equal((await client.readToEnd()).toString(), 'got all of it');
  t.match(await proxy.ending(), { flags: '-', received: 9, sent: 13 });
  await proxy.until('rest', () => atRest(proxy));
});

t.test('the endpoint ends its direction, and still gets what the client sends', async (t) => {
  const got = Promise.withResolvers<string>();
  const port = await rawServer(t, (socket) => {
    let text = '';
    socket.end('banner');
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('end', () => got.resolve(text));
  });
  const proxy = await ProxyHarness.start(t, tcpMesh([port]));
  const client = await proxy.connect();
  t.equal((await client.readToEnd()).toString(), 'banner');
  t.equal(proxy.ended.length, 0);
  client.write('late');
  client.end();
  t.equal(await got.promise, 'late');
  t.match(await proxy.ending(), { flags: '-', received: 4, sent: 6 });
  await proxy.until('rest', () => atRest(proxy));
});

t.test('a reset by the client reaches the endpoint', async (t) => {
  const reset = Promise.withResolvers<string>();
  const port = await rawServer(t, (socket) => {
    socket.write('x');
    socket.on('error', (error: NodeJS.ErrnoException) => reset.resolve(error.code ?? ''));
    socket.on('data', () => undefined);
  });
  const proxy = await ProxyHarness.start(t, tcpMesh([port]));
  const client = await proxy.connect();
  await client.readBytes(1);
  client.reset();
  t.equal(await reset.promise, 'ECONNRESET');
  t.match(await proxy.ending(), { flags: '-' });
  await proxy.until('rest', () => atRest(proxy));
});

t.test('a reset by the endpoint reaches the client behind what was sent', async (t) => {
  const port = await rawServer(t, (socket) => {
    socket.write('some');
    socket.once('data', () => socket.resetAndDestroy());
  });
  const proxy = await ProxyHarness.start(t, tcpMesh([port]));
  const client = await proxy.connect();
  t.equal((await client.readBytes(4)).toString(), 'some');
  const code = new Promise<string>((resolve) => {
    client.socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
  client.write('go');
  t.equal(await code, 'ECONNRESET');
  t.match(await proxy.ending(), { flags: 'UR' });
  await proxy.until('rest', () => atRest(proxy));
});

t.test('a connection that cannot be made is closed, with what was wrong', async (t) => {
  const port = await refusingPort();
  const proxy = await ProxyHarness.start(t, tcpMesh([port]));
  const client = await proxy.connect();
  client.write('abc');
  t.equal((await client.readToEnd()).length, 0);
  const { flags, attempts, info } = await proxy.ending();
  t.same({ flags, attempts }, { flags: 'UF,URX', attempts: 1 });
  t.equal(info.upstreamTransportFailure, 'delayed connect error: Connection refused');
  const { stats } = proxy.cluster();
  t.equal(stats.upstreamCxConnectFail, 1);
  await proxy.until('rest', () => atRest(proxy));
});

t.test('failed connections eject an endpoint, and one that is made counts as good', async (t) => {
  const port = await refusingPort();
  const outlierDetection = {
    consecutive5xx: 2,
    consecutiveGatewayErrors: 0,
    splitExternalLocalOriginErrors: false,
    consecutiveLocalOriginFailures: 0,
    errorCodes: null,
    intervalMs: 10_000,
    baseEjectionMs: 30_000,
    maxEjectionMs: 300_000,
    maxEjectionPercent: 100,
  };
  const proxy = await ProxyHarness.start(t, tcpMesh([port], { cluster: { outlierDetection } }));
  for (let i = 1; i <= 2; i++) {
    const client = await proxy.connect();
    await client.readToEnd();
    await proxy.ending(i);
  }
  t.equal(proxy.endpoint().ejected, true);
  const client = await proxy.connect();
  await client.readToEnd();
  t.match(await proxy.ending(3), { flags: 'UH', attempts: 0 });
});

t.test('without a usable endpoint or cluster the connection is closed', async (t) => {
  const cases: readonly [flags: string, options: TcpSetup][] = [
    ['UH', { cluster: { endpoints: [] } }],
    ['NC', { tcp: { clusters: [{ cluster: 'nowhere', weight: 1 }] } }],
    ['NC', { tcp: { clusters: [] } }],
    ['UH', { cluster: { discovery: 'original-dst' } }],
  ];
  for (const [flags, options] of cases) {
    const proxy = await ProxyHarness.start(t, tcpMesh([1], options));
    const client = await proxy.connect();
    t.equal((await client.readToEnd()).length, 0);
    t.match(await proxy.ending(), { flags, attempts: 0 });
  }
});

t.test('connections over the limit of the cluster are closed at once', async (t) => {
  const base = clusterOf('origin', []);
  const circuitBreaker = { ...base.circuitBreaker, maxConnections: 1 };
  const { proxy } = await proxiedTcp(t, { cluster: { circuitBreaker } });
  const first = await proxy.connect();
  first.write('a');
  t.equal((await first.readBytes(1)).toString(), 'a');
  const second = await proxy.connect();
  t.equal((await second.readToEnd()).length, 0);
  t.match(await proxy.ending(), { flags: 'UO', attempts: 0 });
  t.equal(proxy.cluster().stats.upstreamCxOverflow, 1);
  first.end();
  await proxy.until('rest', () => atRest(proxy));
  const third = await proxy.connect();
  third.write('c');
  t.equal((await third.readBytes(1)).toString(), 'c');
  third.destroy();
});
