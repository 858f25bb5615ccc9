import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { prepareChildEnvironment } from '../../support/child-environment.ts';
import { clusterOf } from '../../support/mesh-models.ts';
import { atRest, proxiedTcp, rawServer, tcpMesh } from '../../support/proxied-tcp.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import type { RawConnection } from '../../support/raw-client.ts';

async function sayHello(client: RawConnection): Promise<void> {
  client.write('hello');
  await client.readBytes(5);
}

/** A port whose queue of connections is full: who comes next waits for ever. */
async function deafPort(t: Test): Promise<number> {
  const program = `require('net').createServer().listen(
    { port: 0, host: '127.0.0.1', backlog: 1 },
    function () { console.log(this.address().port); })`;
  const child = spawn(process.execPath, ['-e', program], { env: prepareChildEnvironment() });
  t.teardown(() => child.kill('SIGKILL'));
  const port = await new Promise<number>((resolve) => {
    child.stdout.once('data', (data) => resolve(Number(data)));
  });
  child.kill('SIGSTOP');
  for (let i = 0; i < 3; i++) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    t.teardown(() => socket.destroy());
  }
  return port;
}

t.test('a connection that is not made in time', async (t) => {
  const connection = { ...clusterOf('x', []).connection, connectTimeoutMs: 2000 };
  const setup = { cluster: { connection }, manualTime: true };
  const proxy = await ProxyHarness.start(t, tcpMesh([await deafPort(t)], setup), setup);
  const client = await proxy.connect();
  const { stats, breaker } = proxy.cluster();
  await proxy.until('connecting', () => breaker.pending === 1);
  proxy.advance(1900);
  t.equal(proxy.ended.length, 0);
  proxy.advance(200);
  t.match(await proxy.ending(), { flags: 'UF,URX', attempts: 1 });
  t.equal((await client.readToEnd()).length, 0);
  t.match(stats, { upstreamCxConnectFail: 1, upstreamCxConnectTimeout: 1 });
  await proxy.until('rest', () => atRest(proxy));
});

t.test('nothing moves for too long', async (t) => {
  const tcp = { idleTimeoutMs: 10_000 };
  const { proxy } = await proxiedTcp(t, { tcp, manualTime: true });
  const client = await proxy.connect();
  await sayHello(client);
  proxy.advance(9000);
  await sayHello(client);
  proxy.advance(9000);
  t.equal(proxy.ended.length, 0, 'bytes start the time anew');
  proxy.advance(1100);
  t.equal((await client.readToEnd()).length, 0);
  t.match(await proxy.ending(), { flags: '-', received: 10, sent: 10 });
  await proxy.until('rest', () => atRest(proxy));
});

t.test('the idle timeout holds after one side has ended', async (t) => {
  const port = await rawServer(t, (socket) => socket.resume());
  const setup = { tcp: { idleTimeoutMs: 10_000 }, manualTime: true };
  const proxy = await ProxyHarness.start(t, tcpMesh([port], setup), setup);
  const client = await proxy.connect();
  client.write('last words');
  client.end();
  const { stats } = proxy.listener;
  await proxy.until('the bytes', () => stats.downstreamCxRxBytesTotal === 10);
  proxy.advance(10_100);
  t.equal((await client.readToEnd()).length, 0);
  await proxy.until('rest', () => atRest(proxy));
});

t.test('without an idle timeout a silent connection stays, and costs no timer', async (t) => {
  const { proxy } = await proxiedTcp(t, { manualTime: true });
  const client = await proxy.connect();
  await sayHello(client);
  t.equal(proxy.context.wheel.size, 0);
  proxy.advance(100 * 3_600_000);
  await sayHello(client);
  client.destroy();
});

t.test('a connection that is too old is closed, whatever passes', async (t) => {
  const tcp = { maxConnectionDurationMs: 10_000, idleTimeoutMs: 8000 };
  const { proxy } = await proxiedTcp(t, { tcp, manualTime: true });
  const client = await proxy.connect();
  for (let i = 0; i < 3; i++) {
    await sayHello(client);
    proxy.advance(3000);
  }
  t.equal(proxy.ended.length, 0);
  proxy.advance(1100);
  t.match(await proxy.ending(), { flags: 'DT', received: 15 });
  t.equal((await client.readToEnd()).length, 0);
});

t.test('a drain leaves connections alone until its time is over', async (t) => {
  const { proxy } = await proxiedTcp(t, { manualTime: true });
  const client = await proxy.connect();
  await sayHello(client);
  const [chain] = proxy.listener.filterChains;
  const stats = chain?.kind === 'tcp' ? chain.stats : null;
  t.equal(stats?.downstreamCxActive, 1);
  const down = proxy.runtime.shutDown(5000);
  await sayHello(client);
  proxy.advance(4900);
  await sayHello(client);
  proxy.advance(200);
  await down;
  t.equal((await client.readToEnd()).length, 0);
  const details = 'downstream_local_disconnect';
  t.match(await proxy.ending(), { flags: 'DC', details, received: 15 });
  t.equal(stats?.downstreamCxActive, 0);
});

t.test('a drain is over when its last connection is', async (t) => {
  const { proxy } = await proxiedTcp(t, { manualTime: true });
  const client = await proxy.connect();
  await sayHello(client);
  const drained = proxy.listener.drain();
  client.end();
  await drained;
  t.equal(proxy.ended.length, 1);
});

t.test('a reload leaves connections open, and new ones go by the new rules', async (t) => {
  const { proxy, origin } = await proxiedTcp(t);
  const client = await proxy.connect();
  await sayHello(client);
  const next = tcpMesh([origin.port], { tcp: { clusters: [] } });
  await proxy.runtime.apply(next);
  await sayHello(client);
  const late = await proxy.connect();
  t.equal((await late.readToEnd()).length, 0);
  t.match(await proxy.ending(), { flags: 'NC' });
  await sayHello(client);
  client.end();
  t.match(await proxy.ending(2), { flags: '-', received: 15, sent: 15 });
});

t.test('a cluster that goes leaves its connections open', async (t) => {
  const { proxy } = await proxiedTcp(t);
  const client = await proxy.connect();
  await sayHello(client);
  const { breaker } = proxy.cluster();
  const mesh = tcpMesh([]);
  await proxy.runtime.apply({ ...mesh, clusters: [] });
  await sayHello(client);
  client.end();
  t.match(await proxy.ending(), { flags: '-', received: 10 });
  await proxy.until('rest', () => breaker.connections === 0);
});

t.test('connections that may not wait for their endpoint', async (t) => {
  const { circuitBreaker } = clusterOf('x', []);
  const setup = { cluster: { circuitBreaker: { ...circuitBreaker, maxPendingRequests: 0 } } };
  const { proxy } = await proxiedTcp(t, setup);
  const client = await proxy.connect();
  t.equal((await client.readToEnd()).length, 0);
  t.match(await proxy.ending(), { flags: 'URX', attempts: 1 });
  t.equal(proxy.cluster().stats.upstreamRqPendingOverflow, 1);
});
