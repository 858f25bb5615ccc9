/** Where connections of a TCP proxy go, what an endpoint is told, and what is counted. */

import t, { type Test } from 'tap';
import { compileLineFormat } from '../../../src/telemetry/access-log/access-log-format.ts';
import { parseProxyHeader } from '../../../src/transport/proxy-protocol.ts';
import { clusterOf, listenerModel, meshOf } from '../../support/mesh-models.ts';
import { Origin } from '../../support/origin.ts';
import { prometheusText } from '../../support/prometheus-text.ts';
import { refusingPort } from '../../support/proxied-origin.ts';
import { atRest, proxiedTcp, rawServer, tcpMesh } from '../../support/proxied-tcp.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { RawConnection } from '../../support/raw-client.ts';
import { tcpChain } from '../../support/tcp-models.ts';

/** A server that says its name. */
function named(t: Test, name: string): Promise<number> {
  return rawServer(t, (socket) => socket.end(name));
}

async function visit(proxy: ProxyHarness, localAddress = '127.0.0.1'): Promise<string> {
  const client = await RawConnection.connect({ port: proxy.port, localAddress });
  const name = await client.readToEnd();
  client.destroy();
  return name.toString();
}

t.test('connections are dealt by weight', async (t) => {
  const clusters = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => clusterOf(name, [await named(t, name)])),
  );
  const dealt = async (weights: readonly number[]): Promise<Record<string, number>> => {
    const weighted = weights.map((weight, i) => ({ cluster: 'abc'.charAt(i), weight }));
    const listener = listenerModel({ filterChains: [tcpChain({}, { clusters: weighted })] });
    const proxy = await ProxyHarness.start(t, meshOf({ clusters, listeners: [listener] }));
    const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < 60; i++) {
      const name = await visit(proxy);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };
  t.same(await dealt([0, 100, 0]), { a: 0, b: 60, c: 0 });
  const some = await dealt([25, 0, 75]);
  t.equal(some.b, 0);
  t.ok((some.a ?? 0) > 5 && (some.c ?? 0) > 30, 'both get their share', some);
  const all = await dealt([0, 0, 0]);
  t.ok(
    Object.values(all).every((count) => count > 5),
    'all alike where no weight says else',
    all,
  );
});

t.test('one address goes to one endpoint where that is asked for', async (t) => {
  const ports = await Promise.all(['a', 'b', 'c', 'd'].map((name) => named(t, name)));
  const cluster = { loadBalancer: { policy: 'RING_HASH', minimumRingSize: 1024 } } as const;
  const hashed = tcpMesh(ports, { cluster, tcp: { hashSourceIp: true } });
  const proxy = await ProxyHarness.start(t, hashed);
  const seen = new Set<string>();
  for (let host = 1; host <= 16; host++) {
    const address = `127.0.0.${host}`;
    const first = await visit(proxy, address);
    seen.add(first);
    t.equal(await visit(proxy, address), first, address);
  }
  t.ok(seen.size > 1, 'and others to others');
});

t.test('an endpoint is told who the client is', async (t) => {
  for (const proxyProtocol of ['V1', 'V2'] as const) {
    const { proxy, origin } = await proxiedTcp(t, { cluster: { proxyProtocol } });
    const client = await proxy.connect();
    client.write('hello');
    await proxy.until('the bytes', () => origin.received().toString('latin1').endsWith('hello'));
    const header = parseProxyHeader(origin.received());
    const source = { address: '127.0.0.1', port: client.socket.localPort };
    const destination = { address: '127.0.0.1', port: proxy.port };
    t.match(header, { version: proxyProtocol === 'V1' ? 1 : 2, ends: { source, destination } });
    t.equal(typeof header === 'object' && header.length + 5, origin.received().length);
    client.destroy();
    t.match(await proxy.ending(), { received: 5 });
  }
});

t.test('a header goes before the first word of a server', async (t) => {
  const { proxy, origin } = await proxiedTcp(t, { cluster: { proxyProtocol: 'V1' } });
  const client = await proxy.connect();
  await proxy.until('a header', () => origin.received().toString().endsWith('\r\n'));
  t.match(origin.received().toString(), /^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\n$/);
  client.destroy();
});

t.test('where the client of a proxy in front is told on', async (t) => {
  const origin = await Origin.start(() => undefined);
  t.teardown(() => origin.stop());
  const listener = listenerModel({ filterChains: [tcpChain()], proxyProtocol: true });
  const clusters = [clusterOf('origin', [origin.port], { proxyProtocol: 'V1' })];
  const proxy = await ProxyHarness.start(t, meshOf({ clusters, listeners: [listener] }));
  const client = await proxy.connect();
  const header = 'PROXY TCP6 2001:db8::1 2001:db8::2 111 222\r\n';
  client.write(`${header}x`);
  await proxy.until('the byte', () => origin.received().toString().endsWith('x'));
  t.equal(origin.received().toString(), `${header}x`);
  client.destroy();
});

t.test('passthrough without a destination', async (t) => {
  const proxy = await ProxyHarness.start(
    t,
    tcpMesh([], { cluster: { discovery: 'original-dst' } }),
  );
  t.equal(await visit(proxy), '');
  const { flags, info } = await proxy.ending();
  t.equal(flags, 'UH');
  t.equal(info.upstreamTransportFailure, 'no original destination');
});

t.test('passthrough to a listener of this proxy', async (t) => {
  const cluster = clusterOf('origin', [], { discovery: 'original-dst' });
  const chains = {
    filterChains: [tcpChain()],
    direction: 'outbound',
    proxyProtocol: true,
  } as const;
  const first = meshOf({ clusters: [cluster], listeners: [listenerModel(chains)] });
  const proxy = await ProxyHarness.start(t, first);
  const { port } = proxy;
  // The listener's model names its port, which was not known before it was bound.
  proxy.context.snapshot = {
    ...proxy.runtime.snapshot,
    mesh: { ...first, listeners: [listenerModel({ ...chains, port })] },
  };
  const client = await proxy.connect();
  client.write(`PROXY TCP4 1.1.1.1 127.0.0.1 1 ${port}\r\n`);
  t.equal((await client.readToEnd()).length, 0);
  const { flags, info } = await proxy.ending();
  t.equal(flags, 'UF,URX');
  t.match(info.upstreamTransportFailure, /the destination is this proxy/);
});

t.test("Istio's metrics count what passes, and the end", async (t) => {
  const { proxy } = await proxiedTcp(t);
  const client = await proxy.connect();
  client.write('12345');
  await client.readBytes(5);
  const shown = (): Record<string, string> => {
    const lines = prometheusText(proxy.metrics).split('\n');
    return Object.fromEntries(
      lines
        .filter((line) => line.startsWith('istio_tcp_'))
        .map((line) => [line.slice('istio_tcp_'.length, line.indexOf('{')), line]),
    );
  };
  const open = shown();
  t.match(open.connections_opened_total, /request_protocol="tcp",response_flags="-"/);
  t.match(open.connections_opened_total, /reporter="source".*\} 1$/);
  t.match(open.connections_opened_total, /destination_service_name="origin"/);
  t.notMatch(open.connections_opened_total, /response_code|grpc/);
  t.match(open.sent_bytes_total, /\} 5$/);
  t.match(open.received_bytes_total, /\} 5$/);
  t.match(open.connections_closed_total, /\} 0$/);
  client.end();
  await proxy.ending();
  t.match(shown().connections_closed_total, /\} 1$/);
});

t.test('a connection that lasts is counted by new settings of metrics', async (t) => {
  const { proxy } = await proxiedTcp(t);
  const client = await proxy.connect();
  client.write('12345');
  await client.readBytes(5);
  const changed = { disabled: false, tags: { to: '"there"' } };
  const bytes = { istio_tcp_sent_bytes_total: changed, istio_tcp_received_bytes_total: changed };
  proxy.tcpMetrics.follow(meshOf({}).proxy, { client: bytes, server: {} });
  client.write('123');
  await client.readBytes(3);
  const text = prometheusText(proxy.metrics);
  t.match(text, /istio_tcp_sent_bytes_total\{.*to="there".*\} 3\n/);
  t.match(text, /istio_tcp_received_bytes_total\{.*to="there".*\} 3\n/);
  client.end();
  await proxy.ending();
});

t.test('a connection that nobody took is opened and closed with its flags', async (t) => {
  const proxy = await ProxyHarness.start(t, tcpMesh([await refusingPort()]));
  await visit(proxy);
  await proxy.ending();
  const text = prometheusText(proxy.metrics);
  t.match(text, /istio_tcp_connections_opened_total\{.*response_flags="UF,URX".*\} 1\n/);
  t.match(text, /istio_tcp_connections_closed_total\{.*response_flags="UF,URX".*\} 1\n/);
  await proxy.until('rest', () => atRest(proxy));
});

t.test('the line of a connection in the access log', async (t) => {
  const { proxy } = await proxiedTcp(t);
  const client = await proxy.connect();
  client.write('12345');
  await client.readBytes(5);
  client.end();
  const { info } = await proxy.ending();
  const format = compileLineFormat({ encoding: 'text', format: null });
  if (!format.ok) throw new Error('the default format');
  t.match(
    format.value.format(info),
    /^\[.*\] "- - -" 0 - - - "-" 5 5 \d+ - "-" "-" "-" "-" "127\.0\.0\.1:\d+" origin (127\.0\.0\.1:\d+ ){3}- -\n$/,
  );
});
