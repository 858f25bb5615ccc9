import { connect as connectPlain, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import t, { type Test } from 'tap';
import { matchAny } from '../../../src/model/filter-chain.ts';
import type { Mesh } from '../../../src/model/mesh.ts';
import type { Secret } from '../../../src/model/secret.ts';
import type { DownstreamTls } from '../../../src/model/tls.ts';
import type {
  HostTest,
  LocalCertificate,
  LocalCertificates,
} from '../../../src/transport/local-certificates.ts';
import { listenerModel } from '../../support/mesh-models.ts';
import { type HarnessOptions, ProxyHarness } from '../../support/proxy-harness.ts';
import { tcpChain } from '../../support/tcp-models.ts';
import {
  authoritySecret,
  mutualTls,
  pairSecret,
  pem,
  secretsOf,
  simpleTls,
} from '../../support/tls-fixtures.ts';
import { askAgain, askByTls, tlsChain, tlsClient, tlsMesh } from '../../support/tls-proxy.ts';

const leafA: LocalCertificate = { certificate: pem('server-a'), privateKey: pem('server-a.key') };
const leafB: LocalCertificate = { certificate: pem('server-b'), privateKey: pem('server-b.key') };

/** Makes `leaf` for every host that is known. */
class FakeCertificates implements LocalCertificates {
  readonly asked: string[] = [];
  leaf: Promise<LocalCertificate> = Promise.resolve(leafA);

  known() {
    return { authority: pem('authority'), leaves: [] };
  }

  leafFor(serverName: string, isKnownHost: HostTest): Promise<LocalCertificate> | null {
    this.asked.push(serverName);
    return isKnownHost(serverName) ? this.leaf : null;
  }
}

const localTls = simpleTls({ certificates: [], localAuthority: true });

function meshFor(tls: DownstreamTls, domains: readonly string[] = ['a.example.com']): Mesh {
  const mesh = tlsMesh([tlsChain(tls)]);
  return {
    ...mesh,
    routeTables: mesh.routeTables.map((table) => ({
      ...table,
      virtualHosts: table.virtualHosts.map((host) => ({ ...host, domains })),
    })),
  };
}

interface Parts extends HarnessOptions {
  readonly domains?: readonly string[];
  readonly secrets?: readonly Secret[];
}

async function start(t: Test, tls: DownstreamTls = localTls, parts: Parts = {}) {
  const { domains, secrets = [], ...options } = parts;
  const mesh = meshFor(tls, domains);
  const proxy = await ProxyHarness.start(t, mesh, options);
  const certificates = new FakeCertificates();
  proxy.context.tls.localCertificates = certificates;
  await proxy.runtime.apply(mesh, secretsOf(...secrets));
  return { proxy, certificates };
}

/** A client that has sent its ClientHello and waits. */
async function waiting(t: Test, { proxy, certificates }: Awaited<ReturnType<typeof start>>) {
  const made = Promise.withResolvers<LocalCertificate>();
  certificates.leaf = made.promise;
  const below: Socket = connectPlain({ port: proxy.port, host: '127.0.0.1' });
  t.teardown(() => below.destroy());
  const socket = tlsClient(t, proxy.port, { socket: below });
  const answer = askAgain(socket);
  await proxy.until('the question for a certificate', () => certificates.asked.length > 0);
  return { made, below, answer };
}

t.test('hosts of the route table get a certificate, and loopback names', async (t) => {
  const domains = ['a.example.com', '*.b.example.com', '*'];
  const { proxy, certificates } = await start(t, localTls, { domains });
  const { stats } = proxy.listener;
  const rows = [
    ['a.example.com', true],
    ['A.Example.com', true],
    ['x.b.example.com', true],
    ['b.example.com', false],
    ['other.example.com', false],
    ['localhost', true],
    ['app.localhost', true],
    ['notlocalhost', false],
    ['', true],
  ] as const;
  for (const [servername, isServed] of rows) {
    const refused = stats.downstreamContextSecretsNotReady;
    const options = { servername, checkServerIdentity: () => undefined };
    const { answer } = await askByTls(t, proxy.port, options);
    t.equal(answer, isServed ? 'hello' : 'ECONNRESET', servername);
    t.equal(stats.downstreamContextSecretsNotReady - refused, isServed ? 0 : 1);
  }
  t.equal(certificates.asked.at(-1), '127.0.0.1', 'without a name, the address');
  await proxy.runtime.apply(meshFor(localTls, [...domains, 'other.example.com']));
  const options = { servername: 'other.example.com', checkServerIdentity: () => undefined };
  t.equal((await askByTls(t, proxy.port, options)).answer, 'hello', 'after a reload');
});

t.test('a chain for TCP has the server names that choose it', async (t) => {
  const mesh = meshFor(localTls);
  const chosenBy = (serverNames: readonly string[]): Mesh => {
    const match = { ...matchAny, serverNames, transport: 'tls' } as const;
    const filterChains = [tcpChain({ tls: localTls, match })];
    return { ...mesh, listeners: [listenerModel({ filterChains })] };
  };
  const proxy = await ProxyHarness.start(t, mesh);
  proxy.context.tls.localCertificates = new FakeCertificates();
  const secures = async (servername: string): Promise<boolean> => {
    const { sslHandshake } = proxy.listener.stats;
    await askByTls(t, proxy.port, { servername, checkServerIdentity: () => undefined });
    return proxy.listener.stats.sslHandshake > sslHandshake;
  };
  await proxy.runtime.apply(chosenBy(['*.example.com']));
  t.equal(await secures('a.example.com'), true);
  await proxy.runtime.apply(chosenBy([]));
  t.equal(await secures('a.example.com'), false, 'any name chooses it');
  t.equal(await secures('localhost'), true);
});

t.test('a handshake waits for its certificate, with what comes meanwhile', async (t) => {
  const { proxy, certificates } = await start(t);
  const { made, below, answer } = await waiting(t, { proxy, certificates });
  t.equal(proxy.context.wheel.size, 1, 'with a time limit');
  // RFC 8446 section 5: a change_cipher_spec after the ClientHello is dropped.
  const before = proxy.listener.stats.downstreamCxRxBytesTotal;
  below.write(Buffer.from('140303000101', 'hex'));
  await proxy.until('six more bytes', () => {
    return proxy.listener.stats.downstreamCxRxBytesTotal === before + 6;
  });
  made.resolve(leafA);
  t.equal(await answer, 'hello');
  t.match(proxy.listener.stats, { sslHandshake: 1, sslConnectionError: 0 });
});

t.test('a client that leaves before its certificate is there leaves nothing', async (t) => {
  const { proxy, certificates } = await start(t);
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const { made, below } = await waiting(t, { proxy, certificates });
    below[leave]();
    await proxy.until('the end', () => proxy.listener.openConnections === 0);
    made.resolve(leafA);
    await made.promise;
    t.equal(proxy.context.wheel.size, 0, `${leave}: no timer`);
    certificates.asked.length = 0;
  }
  t.match(proxy.listener.stats, { sslHandshake: 0, downstreamContextSecretsNotReady: 0 });
});

t.test('the wait for a certificate ends with the time of handshakes', async (t) => {
  const { proxy, certificates } = await start(t, localTls, { manualTime: true });
  const { answer } = await waiting(t, { proxy, certificates });
  proxy.advance(14_000);
  t.equal(proxy.listener.openConnections, 1);
  proxy.advance(1_100);
  t.not(await answer, 'hello');
  t.equal(proxy.listener.stats.downstreamCxTransportSocketConnectTimeout, 1);
});

t.test('a client that does not wait is closed', async (t) => {
  const { proxy, certificates } = await start(t);
  const { below, answer } = await waiting(t, { proxy, certificates });
  below.write(Buffer.alloc(proxy.listener.model.limits.inspectionBytes));
  t.not(await answer, 'hello');
  t.match(proxy.listener.stats, { sslConnectionError: 1, sslHandshake: 0 });
});

t.test('a certificate that cannot be made is a missing one', async (t) => {
  const { proxy, certificates } = await start(t);
  const { made, answer } = await waiting(t, { proxy, certificates });
  made.reject(new Error('no key today'));
  t.equal(await answer, 'ECONNRESET');
  t.equal(proxy.listener.stats.downstreamContextSecretsNotReady, 1);
});

t.test('a certificate of the server itself goes before', async (t) => {
  const tls = simpleTls({ localAuthority: true });
  const { proxy, certificates } = await start(t, tls, { secrets: [pairSecret('server-a')] });
  certificates.leaf = Promise.resolve(leafB);
  t.equal((await askByTls(t, proxy.port)).answer, 'hello');
  t.same(certificates.asked, []);
  const gone = await start(t, tls);
  t.equal((await askByTls(t, gone.proxy.port)).answer, 'hello', 'without its Secret');
  t.same(gone.certificates.asked, ['a.example.com']);
});

t.test('without local TLS, or for other chains, nobody is asked', async (t) => {
  const { proxy } = await start(t);
  proxy.context.tls.localCertificates = null;
  t.equal((await askByTls(t, proxy.port)).answer, 'ECONNRESET');
  const other = await start(t, simpleTls({ certificates: ['gone'] }));
  t.equal((await askByTls(t, other.proxy.port)).answer, 'ECONNRESET');
  t.same(other.certificates.asked, []);
});

t.test('each certificate has one context until another takes its place', async (t) => {
  const { proxy, certificates } = await start(t);
  const chain = proxy.listener.filterChains[0]?.tls;
  const context = () => chain?.localContextFor('a.example.com', () => true);
  const first = await context();
  t.ok(first);
  t.equal(await context(), first);
  certificates.leaf = Promise.resolve({ ...leafB });
  t.not(await context(), first, 'a renewed one');
});

t.test('clients show their certificates as ever', async (t) => {
  const tls = mutualTls({ certificates: [], localAuthority: true });
  const good: ConnectionOptions = { cert: pem('client-good'), key: pem('client-good.key') };
  const { proxy } = await start(t, tls, { secrets: [authoritySecret()] });
  t.equal((await askByTls(t, proxy.port, good)).answer, 'hello');
  t.not((await askByTls(t, proxy.port)).answer, 'hello');
  t.equal(proxy.listener.stats.sslFailVerifyNoCert, 1);
  const without = await start(t, tls);
  t.equal((await askByTls(t, without.proxy.port, good)).answer, 'ECONNRESET');
  t.equal(without.proxy.listener.stats.downstreamContextSecretsNotReady, 1, 'no authority');
});
