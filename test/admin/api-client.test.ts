/** The client of /api/v1 against a real admin API, other servers, and nobody. */

import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import t, { type Test } from 'tap';
import { AdminServer } from '../../src/admin/admin-server.ts';
import { AdminClient } from '../../src/admin/api/client.ts';
import { EventReader, type ServerSentEvent } from '../../src/admin/api/server-sent-events.ts';
import { LiveTraffic } from '../../src/telemetry/traffic/live-traffic.ts';
import { eventually } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { testStreamInfo } from '../telemetry/stream-info-fixture.ts';
import { type TestState, testState } from './running-state-fixture.ts';

interface Served {
  readonly state: TestState;
  readonly client: AdminClient;
  readonly timers: ManualTimers;
  readonly port: number;
}

async function serve(t: Test): Promise<Served> {
  const timers = new ManualTimers(new ManualClock());
  const state = { ...testState(), traffic: new LiveTraffic(timers) };
  const server = new AdminServer(state, { onError: (error) => t.error(error) });
  const bound = await server.listen('127.0.0.1', 0);
  if (!bound.ok) throw bound.error;
  t.teardown(() => server.close());
  const { port } = bound.value;
  return { state, client: new AdminClient(`127.0.0.1:${port}`), timers, port };
}

t.test('answers come with their types, errors as sentences', async (t) => {
  const { client, state } = await serve(t);
  state.traffic.onEnd(testStreamInfo());
  t.match(await client.info(), { ok: true, value: { version: '0.1.0', listeners: 1 } });
  t.match(await client.requests({ filter: 'method=GET', limit: 1 }), {
    ok: true,
    value: { requests: [{ id: 1 }] },
  });
  t.match(await client.requests({ filter: 'method' }), {
    ok: false,
    error: /^filter: one of = != .* is expected after "method" \(at 6\)$/,
  });
  t.match(await client.streamRequests({ filter: '(' }), { ok: false, error: /^filter: / });
  t.match(await client.graph({ groupBy: 'service', window: '5m' }), { ok: true });
  t.match(await client.resource('VirtualService', 'default', 'reviews'), { ok: true });
});

t.test('who does not answer is told apart, each with what to do', async (t) => {
  const other = createServer((_request, response) => response.end('<html>hello</html>'));
  const json = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"clusters":[]}');
  });
  const refusing = createServer((_request, response) => {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not Found"}');
  });
  const closing = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  for (const server of [other, json, refusing, closing]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
  }
  t.teardown(() => other.closeAllConnections());
  t.teardown(() => json.closeAllConnections());
  t.teardown(() => refusing.closeAllConnections());
  const place = (server: typeof closing) => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const nobody = `127.0.0.1:${await freePort()}`;
  const rows: readonly (readonly [address: string, error: RegExp])[] = [
    [nobody, /^nothing listens on 127\.0\.0\.1:\d+: start the proxy with "sluice run", or give/],
    [place(other), /is not the admin API of this version of sluice/],
    [place(json), /is not the admin API of this version of sluice/],
    [place(refusing), /is not the admin API of this version of sluice/],
    [place(closing), /is not the admin API of this version of sluice/],
    ['nowhere.invalid:15000', /^the name in nowhere\.invalid:15000 is not known: give/],
    ['not an address', /^"not an address" is no address: write HOST:PORT/],
  ];
  for (const [address, error] of rows) {
    const client = new AdminClient(address);
    t.match(await client.info(), { ok: false, error }, address);
    t.match(await client.streamRequests({}), { ok: false, error }, `${address}, streaming`);
  }
});

t.test('every answer of the API says what it is, errors too', async (t) => {
  const { port } = await serve(t);
  const asked: readonly (readonly [path: string, method: string, status: number])[] = [
    ['info', 'GET', 200],
    ['info?x=1', 'GET', 400],
    ['resources/VirtualService/default/nobody', 'GET', 404],
    ['nothing', 'GET', 404],
    ['info', 'DELETE', 405],
  ];
  for (const [path, method, status] of asked) {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, { method });
    t.equal(response.status, status, `${method} ${path}`);
    t.equal(response.headers.get('sluice-api'), 'v1');
    await response.text();
  }
});

t.test('a name that is not allowed is refused as the API says it', async (t) => {
  const { port } = await serve(t);
  const [, error] = await new Promise<[number, string]>((resolve) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET /api/v1/info HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
    );
    let text = '';
    socket.on('data', (chunk) => (text += chunk)).on('close', () => resolve([0, text]));
  });
  t.match(error, /^HTTP\/1\.1 403 .*the host \\"evil\.example\\" is not allowed/s);
});

t.test('a stream tells requests, drops and signs of life, and ends with its reader', async (t) => {
  const { client, state, timers } = await serve(t);
  const ended = new AbortController();
  const stream = await client.streamRequests({ limit: 2 }, ended.signal);
  if (!stream.ok) throw new Error(stream.error);
  const seen: string[] = [];
  const reading = (async () => {
    for await (const event of stream.value) {
      seen.push(event.kind === 'request' ? `request ${event.request.id}` : JSON.stringify(event));
    }
  })();
  await eventually('a reader', { within: 5000, every: 1 }, () => timers.size === 1);
  for (let count = 0; count < 5; count++) state.traffic.onEnd(testStreamInfo());
  timers.advance(12_000);
  state.traffic.onEnd(testStreamInfo());
  await eventually('all events', { within: 5000, every: 1 }, () => seen.length === 4);
  t.same(seen, [
    'request 1',
    'request 2',
    '{"kind":"dropped","dropped":{"byLimit":3,"bySlowReader":0}}',
    'request 6',
  ]);
  ended.abort();
  await reading;
  await eventually('it to leave', { within: 5000, every: 1 }, () => timers.size === 0);
});

t.test('a reader who does not read loses events, and is told how many', async (t) => {
  const { state, timers, port } = await serve(t);
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write('GET /api/v1/requests/stream?limit=100000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  socket.pause();
  await eventually('a reader', { within: 5000, every: 1 }, () => timers.size === 1);
  // Far more than the sockets of both sides take.
  const count = 20_000;
  for (let sent = 0; sent < count; sent++) {
    state.traffic.onEnd(testStreamInfo());
    if (sent % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  let text = '';
  const reader = new EventReader();
  const names: string[] = [];
  const dropped: number[] = [];
  socket.on('data', (chunk) => {
    text += chunk;
    // Chunks of the transfer coding begin and end between events.
    for (const { name, data } of reader.push(chunk.toString())) {
      names.push(name);
      if (name === 'dropped') dropped.push(JSON.parse(data).bySlowReader);
    }
  });
  socket.resume();
  await eventually('word of it', { within: 10_000, every: 5 }, () => {
    timers.advance(1000);
    return dropped.length > 0;
  });
  const got = names.filter((name) => name === 'request').length;
  t.ok(got > 100 && got < count, `${got} came`);
  t.equal(dropped[0], count - got, 'all others are told');
  t.match(text, /^HTTP\/1\.1 200 OK\r\n/);
});

t.test('events are read however they are cut', async (t) => {
  const text =
    'event: a\ndata: {"x":1}\n\n: comment\n\ndata: two\r\ndata:lines\r\n\r\nevent: none\n\n';
  for (let size = 1; size < text.length; size++) {
    const reader = new EventReader();
    const events: ServerSentEvent[] = [];
    for (let at = 0; at < text.length; at += size)
      events.push(...reader.push(text.slice(at, at + size)));
    t.same(events, [
      { name: 'a', data: '{"x":1}' },
      { name: 'message', data: 'two\nlines' },
    ]);
  }
});
