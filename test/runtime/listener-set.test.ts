import { connect } from 'node:http2';
import t, { type Test } from 'tap';
import type { Listener } from '../../src/model/listener.ts';
import type { Route } from '../../src/model/route.ts';
import { freePort, freePorts } from '../support/free-port.ts';
import { httpChain, httpSettings, listenerModel, meshOf } from '../support/mesh-models.ts';
import { ProxyHarness } from '../support/proxy-harness.ts';
import { exchange, getRequest, RawConnection } from '../support/raw-client.ts';
import { route } from '../support/route-models.ts';

/** Answers at once with the text given. */
function answering(data: string): Route {
  const body = { encoding: 'utf8', data } as const;
  return route('direct', {}, { kind: 'direct-response', status: 200, body });
}

function listener(name: string, port: number, changes: Partial<Listener> = {}): Listener {
  return listenerModel({ name, port, ...changes });
}

function meshWith(listeners: readonly Listener[], text = 'hello') {
  return meshOf({ listeners, routes: [answering(text)] });
}

async function start(t: Test, listeners: readonly Listener[]): Promise<ProxyHarness> {
  return ProxyHarness.start(t, meshWith(listeners), { manualTime: true });
}

async function bodyAt(port: number): Promise<string> {
  return (await exchange(getRequest('/', 'a'), { port })).body.toString();
}

function names(proxy: ProxyHarness): string[] {
  return proxy.runtime.listeners.active.map(({ model }) => model.name).sort();
}

t.test('an added listener is opened, the others stay as they are', async (t) => {
  const [a = 0, b = 0] = await freePorts(2);
  const proxy = await start(t, [listener('a', a)]);
  const before = proxy.listener;
  t.same(await proxy.runtime.apply(meshWith([listener('a', a), listener('b', b)], 'new')), []);
  t.same(names(proxy), ['a', 'b']);
  t.equal(proxy.listener, before, 'with its counts');
  t.equal(await bodyAt(a), 'new');
  t.equal(await bodyAt(b), 'new');
});

t.test('a removed listener stops to accept and drains', async (t) => {
  const [a = 0, b = 0] = await freePorts(2);
  const proxy = await start(t, [listener('a', a), listener('b', b)]);
  const idle = await RawConnection.connect({ port: b });
  idle.write(getRequest('/', 'a'));
  await idle.readResponse();
  await proxy.runtime.apply(meshWith([listener('a', a)]));
  t.same(names(proxy), ['a']);
  await idle.closed;
  idle.destroy();
  await t.rejects(bodyAt(b), { code: 'ECONNREFUSED' });
  t.equal(await bodyAt(a), 'hello');
});

t.test('a removed listener gives open requests their time, and no more', async (t) => {
  const port = await freePort();
  const proxy = await start(t, [listener('a', 0), listener('b', port)]);
  const busy = await RawConnection.connect({ port });
  busy.write(`${getRequest('/', 'a')}GET / HTTP/1.1\r\n`);
  await busy.readResponse();
  await proxy.runtime.apply(meshWith([listener('a', 0)]));
  busy.write('Host: a\r\n');
  proxy.advance(44_000);
  t.equal(await bodyAt(proxy.port), 'hello', 'time to see it closed');
  t.notOk(busy.isClosed);
  proxy.advance(1_100);
  await busy.closed;
  t.pass('closed after 45 s');
});

t.test('a listener that moves is opened anew before the old one drains', async (t) => {
  const [from = 0, to = 0] = await freePorts(2);
  const proxy = await start(t, [listener('a', from)]);
  await proxy.runtime.apply(meshWith([listener('a', to)], 'moved'));
  t.same(names(proxy), ['a']);
  t.equal(await bodyAt(to), 'moved');
  await t.rejects(bodyAt(from), { code: 'ECONNREFUSED' });
});

t.test('a listener that cannot move stays where it is', async (t) => {
  const from = await freePort();
  const proxy = await start(t, [listener('a', from)]);
  const other = await ProxyHarness.start(t, meshWith([listener('taken', 0)]));
  const failures = await proxy.runtime.apply(meshWith([listener('a', other.port)], 'new'));
  t.match(failures, [{ listener: { name: 'a' }, error: { code: 'EADDRINUSE' } }]);
  t.equal(await bodyAt(from), 'new', 'and serves the new routes');
});

t.test('a listener whose next address is not of this machine stays where it is', async (t) => {
  const port = await freePort();
  const proxy = await start(t, [listener('a', port)]);
  const elsewhere = listener('a', port, { address: '203.0.113.9' });
  const failures = await proxy.runtime.apply(meshWith([elsewhere], 'new'));
  t.match(failures, [{ listener: { name: 'a' }, error: { code: 'EADDRNOTAVAIL' } }]);
  t.equal(await bodyAt(port), 'new', 'on the old address');
});

t.test('a listener whose next address has been taken by another stays where it is', async (t) => {
  const stranger = await ProxyHarness.start(
    t,
    meshWith([listener('b', 0, { address: '127.0.0.2' })]),
  );
  const { port } = stranger;
  const proxy = await start(t, [listener('a', port)]);
  const elsewhere = listener('a', port, { address: '127.0.0.2' });
  const failures = await proxy.runtime.apply(meshWith([elsewhere], 'new'));
  t.match(failures, [{ listener: { name: 'a' }, error: { code: 'EADDRINUSE' } }]);
  t.equal(await bodyAt(port), 'new', 'on the old address');
});

t.test('a listener on all addresses takes the place of those on one each', async (t) => {
  const port = await freePort();
  const second = listener('b', port, { address: '127.0.0.2' });
  const proxy = await start(t, [listener('a', port), second]);
  const all = listener('all', port, { address: '0.0.0.0' });
  t.same(await proxy.runtime.apply(meshWith([all], 'new')), []);
  t.same(names(proxy), ['all']);
  t.equal(await bodyAt(port), 'new');
});

t.test('a listener that cannot be bound does not hinder the others', async (t) => {
  const taken = await ProxyHarness.start(t, meshWith([listener('taken', 0)]));
  const proxy = await start(t, [listener('a', 0)]);
  const port = await freePort();
  const mesh = meshWith([listener('a', 0), listener('bad', taken.port), listener('good', port)]);
  t.match(await proxy.runtime.apply(mesh), [{ listener: { name: 'bad' } }]);
  t.same(names(proxy), ['a', 'good']);
  t.equal(await bodyAt(port), 'hello');
  await taken.runtime.shutDown(0.001);
  t.same(await proxy.runtime.apply(mesh), [], 'the next reload tries again');
  t.same(names(proxy), ['a', 'bad', 'good']);
});

t.test('new settings hold for the next request of an open connection', async (t) => {
  const port = await freePort();
  const proxy = await start(t, [listener('a', port)]);
  const client = await RawConnection.connect({ port });
  client.write(getRequest('/', 'a'));
  await client.readResponse();
  const renamed = httpChain({ http: httpSettings({ serverName: 'renamed' }) });
  await proxy.runtime.apply(meshWith([listener('a', port, { filterChains: [renamed] })], 'new'));
  client.write(getRequest('/', 'a'));
  const response = await client.readResponse();
  t.equal(response.body.toString(), 'new');
  t.match(response.headers, [['content-length', '3'], [], [], ['server', 'renamed']]);
  client.destroy();
});

t.test('shutting down waits for open requests as long as it may', async (t) => {
  const port = await freePort();
  const proxy = await start(t, [listener('a', port)]);
  const busy = await RawConnection.connect({ port });
  busy.write(`${getRequest('/', 'a')}GET / HTTP/1.1\r\n`);
  await busy.readResponse();
  let over = false;
  const down = proxy.runtime.shutDown(5_000).then(() => {
    over = true;
  });
  await t.rejects(bodyAt(port), { code: 'ECONNREFUSED' });
  t.notOk(over);
  proxy.advance(5_000);
  await down;
  await busy.closed;
  t.equal(proxy.ended.length, 1);
});

t.test('shutting down ends at once where nothing is open', async (t) => {
  const proxy = await start(t, [listener('a', 0)]);
  await proxy.runtime.shutDown(60_000);
  t.equal(proxy.listener.openConnections, 0);
});

t.test('a listener that accepts no connections any more is still known by its port', async (t) => {
  const proxy = await start(t, [listener('a', 0)]);
  const { port } = proxy;
  t.equal(proxy.listener.draining, false);
  proxy.runtime.listeners.endConnections(() => true, 0);
  t.equal(proxy.listener.draining, true);
  t.equal(proxy.port, port);
  await t.rejects(bodyAt(port), { code: 'ECONNREFUSED' });
});

t.test(
  'connections end with their next response, and clients are taken for a while yet',
  async (t) => {
    const proxy = await start(t, [listener('a', 0), listener('b', 0)]);
    const [a, b] = proxy.runtime.listeners.active;
    if (a === undefined || b === undefined) throw new Error('two listeners');
    const early = await RawConnection.connect({ port: a.boundPort });
    proxy.runtime.listeners.endConnections(({ name }) => name === 'a', 45_000);
    const late = await RawConnection.connect({ port: a.boundPort });
    for (const client of [early, late]) {
      client.write(getRequest('/', 'a'));
      t.ok((await client.readResponse()).headers.flat().includes('close'));
      await client.closed;
    }
    t.equal(a.stats.downstreamCxDrainClose, 2);
    const other = await RawConnection.connect({ port: b.boundPort });
    other.write(getRequest('/', 'a'));
    t.notOk((await other.readResponse()).headers.flat().includes('close'));
    other.destroy();
    t.equal(a.draining, false);
    proxy.advance(45_000);
    t.equal(a.draining, true);
    t.equal(b.draining, false);
  },
);

t.test('while health checks are failed, connections end with their next response', async (t) => {
  const proxy = await start(t, [listener('a', 0)]);
  const client = await RawConnection.connect({ port: proxy.port });
  client.write(getRequest('/', 'a'));
  t.notOk((await client.readResponse()).headers.flat().includes('close'));
  proxy.runtime.failsHealthChecks = true;
  client.write(getRequest('/', 'a'));
  t.ok((await client.readResponse()).headers.flat().includes('close'));
  await client.closed;
  proxy.runtime.failsHealthChecks = false;
  const next = await RawConnection.connect({ port: proxy.port });
  next.write(getRequest('/', 'a'));
  t.notOk((await next.readResponse()).headers.flat().includes('close'));
  next.destroy();
});

t.test('over HTTP/2 that is a GOAWAY behind the response', async (t) => {
  const proxy = await start(t, [listener('a', 0)]);
  const session = connect(`http://127.0.0.1:${proxy.port}`);
  t.teardown(() => session.destroy());
  const goaway = new Promise((resolve) => session.once('goaway', resolve));
  const closed = new Promise<void>((resolve) => session.once('close', resolve));
  proxy.runtime.failsHealthChecks = true;
  const stream = session.request({ ':path': '/', ':authority': 'a' });
  const status = await new Promise((resolve) => {
    stream.on('response', (headers) => resolve(headers[':status']));
    stream.resume();
  });
  t.equal(status, 200);
  t.equal(await goaway, 0);
  await closed;
});
