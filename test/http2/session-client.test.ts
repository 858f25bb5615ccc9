/** A session as client: what it sends, and which answers it takes. */

import t from 'tap';
import { flag } from '../../src/http2/protocol.ts';
import {
  data,
  frame,
  getFields,
  goaway,
  headers,
  ping,
  postFields,
  rstStream,
  settings,
  windowUpdate,
} from './frames.ts';
import { SessionProbe } from './session-probe.ts';

const ok = [':status', '200'];

function newClient(): SessionProbe {
  return new SessionProbe({ role: 'client' });
}

t.test('the method is read from its field, whatever values there are', async (t) => {
  const probe = new SessionProbe({ role: 'client' });
  const { events } = probe.open([
    ...[':scheme', 'http', ':authority', ':method', ':path', '/', ':method', 'HEAD'],
  ]);
  probe.receive(headers(1, [':status', '200', 'content-length', '5']));
  t.same(events, ['headers :status 200 content-length 5 end']);
});

t.test('a request and its response', async (t) => {
  const probe = newClient();
  const { handle, events } = probe.open(postFields, false);
  handle.sendData('question');
  handle.sendEnd();
  t.same(probe.takeOutput(), [`1 headers ${postFields.join(' ')}`, '1 data 8 end']);
  t.equal(probe.session.openStreams, 1);
  probe.receive(
    headers(1, [':status', '103', 'link', '</a>'], flag.endHeaders),
    headers(1, [...ok, 'content-length', '6'], flag.endHeaders),
    data(1, 'answer'),
    headers(1, ['x-checksum', '1']),
  );
  t.same(events, [
    'headers :status 103 link </a>',
    'headers :status 200 content-length 6',
    'data 6',
    'trailers x-checksum 1',
    'end',
  ]);
  t.ok(handle.closed);
  t.same(probe.events, ['idle']);
  t.equal(probe.open(getFields).handle.id, 3);
});

t.test('a response before the request has ended', async (t) => {
  const probe = newClient();
  const { handle, events } = probe.open(postFields, false);
  probe.receive(headers(1, ok));
  t.same(events, ['headers :status 200 end']);
  t.equal(handle.closed, false);
  probe.receive(rstStream(1, 0));
  t.same(events.at(-1), 'reset noError peer');
  t.ok(handle.closed);
});

t.test('responses whose content-length is of another message', async (t) => {
  const cases: readonly [method: string, status: string][] = [
    ['HEAD', '200'],
    ['GET', '304'],
    ['GET', '204'],
  ];
  for (const [method, status] of cases) {
    const probe = newClient();
    const { events } = probe.open([':method', method, ...getFields.slice(2)]);
    probe.receive(headers(1, [':status', status, 'content-length', '5']));
    t.same(events, [`headers :status ${status} content-length 5 end`]);
    const { events: other } = probe.open([':method', method, ...getFields.slice(2)]);
    probe.receive(headers(3, [':status', status], flag.endHeaders), data(3, 'x'));
    t.equal(other.at(-1), 'reset protocolError stream-error');
  }
});

t.test('a tunnel has no length', async (t) => {
  const probe = newClient();
  const { events } = probe.open([':method', 'CONNECT', ':authority', 'a:1'], false);
  probe.receive(headers(1, [...ok, 'content-length', '0'], flag.endHeaders), data(1, 'x'));
  t.equal(events.at(-1), 'data 1');
});

t.test('responses that are none', async (t) => {
  const cases: readonly [kind: string | null, ...frames: Buffer[]][] = [
    [null, data(1, 'x')],
    ['pseudo-field', headers(1, ['x', 'y'])],
    ['status', headers(1, [':status', '103'])],
    ['status', headers(1, [':status', '101'], flag.endHeaders)],
    ['body-length', headers(1, [...ok, 'content-length', '2'])],
    ['body-length', headers(1, [...ok, 'content-length', '2'], 4), data(1, 'x', flag.endStream)],
    ['trailers', headers(1, ok, flag.endHeaders), headers(1, ok, flag.endHeaders)],
  ];
  for (const [kind, ...frames] of cases) {
    const probe = newClient();
    const { events } = probe.open(getFields);
    probe.takeFrames();
    probe.receive(...frames);
    t.same(probe.events, [...(kind === null ? [] : [`malformed 1 ${kind}`]), 'idle']);
    t.equal(events.at(-1), 'reset protocolError stream-error');
    t.same(probe.takeOutput(), ['1 reset protocolError']);
  }
});

t.test('a server opens no streams', async (t) => {
  for (const opening of [headers(1, ok), headers(2, ok), frame(5, 4, 1, '\0\0\0\x02')]) {
    const probe = newClient();
    probe.receive(opening);
    t.match(probe.events.at(-1), 'error protocolError');
  }
});

t.test('answers to what was given up are ignored', async (t) => {
  const probe = newClient();
  probe.open(getFields).handle.reset(8);
  probe.takeFrames();
  probe.receive(headers(1, ok, flag.endHeaders), data(1, 'x'), headers(1, ['x', 'y']));
  t.equal(probe.error, null);
  t.same(probe.takeOutput(), []);
});

t.test('as many streams as the server allows', async (t) => {
  const probe = newClient();
  t.equal(probe.session.peerMaxConcurrentStreams, 2 ** 31 - 1);
  probe.receive(settings({ maxConcurrentStreams: 1, enableConnectProtocol: 1 }));
  t.same(probe.events, ['settings']);
  t.equal(probe.session.peerMaxConcurrentStreams, 1);
  t.ok(probe.session.peerAllowsExtendedConnect);
  t.ok(probe.session.canOpenStream);
  probe.open(getFields);
  t.notOk(probe.session.canOpenStream);
  t.equal(probe.open(getFields).stream, null);
  probe.receive(headers(1, ok));
  t.ok(probe.session.canOpenStream);
});

t.test('GOAWAY of the server: what it has not looked at can be tried again', async (t) => {
  const probe = newClient();
  const first = probe.open(getFields);
  const second = probe.open(getFields);
  probe.receive(goaway(2 ** 31 - 1, 0));
  t.same(second.events, []);
  t.notOk(probe.session.canOpenStream);
  probe.receive(goaway(1, 0));
  t.same(second.events, ['reset refusedStream goaway']);
  t.same(probe.events, ['goaway 2147483647 noError', 'goaway 1 noError']);
  probe.receive(headers(1, ok));
  t.same(first.events, ['headers :status 200 end']);
  t.equal(probe.events.at(-1), 'idle');
  t.equal(probe.open(getFields).stream, null);
});

t.test('a ping', async (t) => {
  const probe = newClient();
  probe.session.ping();
  t.same(probe.takeOutput(), ['ping']);
  probe.receive(ping(flag.ack));
  probe.receive(ping(flag.ack));
  t.same(probe.events, ['ping']);
});

t.test('a client may push nothing, and neither may its server', async (t) => {
  const probe = newClient();
  probe.receive(settings({ enablePush: 1 }));
  t.match(probe.error?.message, 'SETTINGS_ENABLE_PUSH');
});

t.test('the table of the server is used as it allows', async (t) => {
  const probe = newClient();
  const sizes: number[] = [];
  for (let i = 0; i < 2; i++) {
    probe.open([...getFields, 'x-repeated', 'value']);
    sizes.push(probe.takeBytes().length);
  }
  t.ok((sizes[1] ?? 0) < (sizes[0] ?? 0) - 10, sizes.join(' '));
  probe.receive(settings({ headerTableSize: 0 }));
  probe.open([...getFields, 'x-repeated', 'value']);
  t.ok(probe.takeBytes().length > (sizes[0] ?? 0), 'nothing is left of the table');
});

t.test('a window that opens later', async (t) => {
  const probe = newClient();
  probe.receive(settings({ initialWindowSize: 0 }));
  const { handle } = probe.open(postFields, false);
  handle.sendData('abc');
  handle.sendEnd();
  t.same(probe.takeOutput().slice(1), [`1 headers ${postFields.join(' ')}`]);
  probe.receive(windowUpdate(1, 3));
  t.same(probe.takeOutput(), ['1 data 3 end']);
});
