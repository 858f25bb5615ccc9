// HTTP/2 clients that take nothing of what they ask for, and how their connections end.

import t, { type Test } from 'tap';
import { errorCode, flag } from '../../../src/http2/protocol.ts';
import type { Limits } from '../../../src/model/limits.ts';
import {
  type Frame,
  getFields,
  goaway,
  headers,
  ping,
  postFields,
  preface,
  settings,
  windowUpdate,
} from '../../http2/frames.ts';
import { H2Wire } from '../../support/h2-wire.ts';
import { clusterOf, meshOf } from '../../support/mesh-models.ts';
import { pouringOrigin, standstill } from '../../support/pouring.ts';
import { ProxyHarness } from '../../support/proxy-harness.ts';
import { pathMatch, route } from '../../support/route-models.ts';

const body = 'x'.repeat(1000);
const emptyFields = getFields.map((text) => (text === '/' ? '/empty' : text));
const large = 'y'.repeat(16_000);
const requestCount = 1_000;
const closedWindow = { initialWindowSize: 0 };

/** Answers everything itself, on virtual time. */
function startProxy(t: Test, limits: Partial<Limits> = {}): Promise<ProxyHarness> {
  const responseHeaders = { set: [{ name: 'x-large', value: large }], add: [], remove: [] };
  const empty = { kind: 'direct-response', status: 204, body: null } as const;
  const routes = [
    { ...route('empty', { path: pathMatch('exact', '/empty') }, empty), responseHeaders },
    route(
      'direct',
      {},
      {
        kind: 'direct-response',
        status: 200,
        body: { encoding: 'utf8', data: body },
      },
    ),
  ];
  return ProxyHarness.start(t, meshOf({ limits, routes }), { manualTime: true });
}

function advanceBy(proxy: ProxyHarness, seconds: number): void {
  for (let second = 0; second < seconds; second++) proxy.advance(1_000);
}

t.test('a response that the window holds up is given up, and the connection stays', async (t) => {
  const proxy = await startProxy(t, { slowReaderMs: 10_000, downstreamIdleMs: 60_000 });
  const client = await H2Wire.open(t, proxy.port, closedWindow);
  client.send(headers(1, getFields), headers(3, getFields));
  await proxy.ending(2);
  advanceBy(proxy, 8);
  client.send(windowUpdate(3, 500));
  await client.untilFrame('data');
  advanceBy(proxy, 5);
  await client.untilFrame('rstStream');
  t.same(client.received, ['headers 1', 'headers 3', 'data 3', 'rstStream 1'], 'progress counts');
  client.send(windowUpdate(3, 500));
  await client.until('rest', () => client.received.length === 5);
  t.equal(client.received[4], 'data 3');
  t.equal(client.ended, false);
  advanceBy(proxy, 50);
  t.equal(proxy.listener.stats.downstreamCxIdleTimeout, 0, 'idle from the last byte on');
  advanceBy(proxy, 20);
  await client.until('end', () => client.ended);
  t.equal(proxy.listener.stats.downstreamCxIdleTimeout, 1);
});

t.test('a connection that drains ends when its last response is given up', async (t) => {
  const proxy = await startProxy(t, { slowReaderMs: 10_000, closeLingerMs: 1_000 });
  const client = await H2Wire.open(t, proxy.port, closedWindow);
  client.send(headers(1, getFields));
  await proxy.ending();
  void proxy.listener.drain();
  advanceBy(proxy, 3);
  await client.until('GOAWAY', () => client.received.includes('ping 0'));
  t.equal(client.ended, false);
  advanceBy(proxy, 12);
  await client.until('end', () => client.ended);
  t.same(client.received, [...['headers 1', 'goaway 0', 'ping 0', 'goaway 0', 'rstStream 1']]);
  client.socket.end();
  await proxy.until('close', () => proxy.listener.openConnections === 0);
});

/** More answers than the system takes of a client that does not read: 16 MB, to 40 kB. */
async function askForTooMuch(t: Test): Promise<{ proxy: ProxyHarness; client: H2Wire }> {
  const proxy = await startProxy(t, { streamBufferBytes: 64 * 1024, slowReaderMs: 10_000 });
  const client = await H2Wire.open(t, proxy.port);
  client.socket.pause();
  const asked: Buffer[] = [];
  for (let id = 1; id < requestCount * 2; id += 2) asked.push(headers(id, emptyFields));
  client.send(...asked);
  return { proxy, client };
}

t.test('a client that does not read what it is answered is not read, and cut off', async (t) => {
  const { proxy } = await askForTooMuch(t);
  await proxy.until('cut', () => {
    proxy.advance(100);
    return proxy.listener.openConnections === 0;
  });
  t.ok(proxy.listener.stats.downstreamRqTotal < requestCount);
});

t.test('a client that reads late is answered then', async (t) => {
  const { proxy, client } = await askForTooMuch(t);
  const { stats } = proxy.listener;
  await proxy.until('much', () => stats.downstreamRqTotal > 100);
  client.socket.resume();
  const isEnd = ({ type, flags }: Frame): boolean => {
    return type === 'rstStream' || (type === 'headers' && (flags & flag.endStream) !== 0);
  };
  await client.until('all', () => client.frames.filter(isEnd).length === requestCount);
  t.equal(client.ended, false);
  t.equal(stats.downstreamCxProtocolError, 0);
});

t.test('a client that does not complete what it has begun is sent away', async (t) => {
  const whole = headers(1, getFields);
  const rows: readonly (readonly [name: string, begun: readonly Buffer[]])[] = [
    ['half a preface', [preface.subarray(0, 20)]],
    ['no SETTINGS', [preface]],
    ['no end of a block', [preface, settings(), headers(1, getFields, flag.endStream)]],
    ['half a frame', [preface, settings(), whole.subarray(0, 12)]],
  ];
  for (const [name, begun] of rows) {
    const proxy = await startProxy(t, { requestHeadTimeoutMs: 5_000 });
    const client = await H2Wire.connect(t, proxy.port);
    client.send(...begun);
    await client.untilFrame('settings');
    await proxy.until('read', () => proxy.listener.stats.downstreamCxRxBytesTotal >= 20);
    proxy.advance(4_900);
    t.equal(proxy.listener.stats.downstreamRqHeaderTimeout, 0, name);
    proxy.advance(200);
    await client.until('end', () => client.ended);
    t.same(client.received, ['goaway 0'], name);
    t.equal(proxy.listener.stats.downstreamRqHeaderTimeout, 1, name);
  }
});

t.test('a client that has completed its request may be silent', async (t) => {
  const proxy = await startProxy(t, { requestHeadTimeoutMs: 5_000 });
  const client = await H2Wire.open(t, proxy.port);
  const whole = headers(1, getFields);
  client.send(whole.subarray(0, 12));
  client.send(whole.subarray(12));
  await proxy.ending();
  advanceBy(proxy, 20);
  client.send(ping());
  await client.untilFrame('ping');
  t.equal(client.ended, false);
});

t.test('what follows the frame that ends a connection is not answered', async (t) => {
  const proxy = await startProxy(t);
  const client = await H2Wire.open(t, proxy.port);
  client.send(goaway(0, errorCode.noError), ping(), headers(1, getFields));
  await client.until('end', () => client.ended);
  t.same(client.received, ['goaway 0']);
  t.same(proxy.ended, []);
  client.socket.end();
  await proxy.until('close', () => proxy.listener.openConnections === 0);
  t.equal(proxy.listener.stats.downstreamCxDestroyRemote, 1);
});

t.test('no stream begins behind the GOAWAY of the client itself', async (t) => {
  const proxy = await startProxy(t);
  const client = await H2Wire.open(t, proxy.port, closedWindow);
  client.send(headers(1, postFields, flag.endHeaders));
  client.send(goaway(0, errorCode.noError), headers(3, getFields));
  await client.untilFrame('rstStream');
  t.same(client.received.slice(-1), ['rstStream 3']);
  client.send(windowUpdate(1, 5_000));
  await client.until('end', () => client.ended);
  t.equal(proxy.ended.length, 1);
});

t.test('the streams of a connection divide what may wait for it', async (t) => {
  const length = 2 * 1024 * 1024;
  const ids = Array.from({ length: 16 }, (_none, index) => index * 2 + 1);
  const origin = await pouringOrigin(t, length);
  const mesh = meshOf({
    clusters: [clusterOf('origin', [origin.port])],
    limits: { http2ConnectionBufferBytes: 256 * 1024 },
  });
  const proxy = await ProxyHarness.start(t, mesh);
  const client = await H2Wire.open(t, proxy.port, closedWindow);
  client.send(...ids.map((id) => headers(id, getFields)));
  const { stats } = proxy.cluster();
  const read = await standstill(proxy, () => stats.upstreamCxRxBytesTotal);
  // The part of each, and the piece that is read last.
  t.ok(read <= ids.length * (16 + 64) * 1024, `${read} bytes were read`);
  client.send(windowUpdate(0, 2 ** 30), ...ids.map((id) => windowUpdate(id, length)));
  const isEnd = ({ type, flags }: Frame): boolean => type === 'data' && (flags & 1) === 1;
  await client.until('all', () => client.frames.filter(isEnd).length === ids.length);
  const bytes = client.frames.reduce((sum, { type, payload }) => {
    return type === 'data' ? sum + payload.length : sum;
  }, 0);
  t.equal(bytes, ids.length * length);
});
