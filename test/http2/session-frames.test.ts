/** What a session makes of single frames, right and wrong (RFC 9113, sections 4 to 6). */

import t from 'tap';
import { flag, frameType } from '../../src/http2/protocol.ts';
import {
  block,
  data,
  frame,
  getFields,
  goaway,
  headers,
  ping,
  postFields,
  preface,
  rstStream,
  settings,
  settingsAck,
  uint32,
  windowUpdate,
} from './frames.ts';
import { codeName, SessionProbe } from './session-probe.ts';

const open = headers(1, postFields, flag.endHeaders);
const halfClosed = headers(1, getFields);
const trailers = headers(1, ['x-checksum', '1']);

t.test('the first bytes of a server are SETTINGS and its window', async (t) => {
  const probe = new SessionProbe({ fresh: true });
  probe.session.start();
  t.ok(probe.wantsFlush);
  t.same(probe.takeOutput(), ['settings', '0 window 983041']);
});

t.test('a client begins with the preface', async (t) => {
  const probe = new SessionProbe({ fresh: true, role: 'client' });
  probe.session.start();
  const bytes = probe.takeBytes();
  t.ok(bytes.subarray(0, preface.length).equals(preface));
  t.equal(bytes[preface.length + 3], frameType.settings);
});

t.test('a server asks for the preface, byte by byte', async (t) => {
  for (let at = 0; at < preface.length; at++) {
    const probe = new SessionProbe({ fresh: true });
    const wrong = Buffer.from(preface);
    wrong[at] = 0x21;
    probe.receive(wrong.subarray(0, at));
    t.equal(probe.error, null);
    probe.receive(wrong.subarray(at));
    t.equal(probe.error?.message, 'the connection does not begin with the preface');
  }
});

t.test('errors of the connection', async (t) => {
  const cases: readonly [name: string, code: string, ...frames: Buffer[]][] = [
    [
      'a frame that is too large',
      'frameSizeError',
      frame(frameType.data, 0, 1, Buffer.alloc(16385)),
    ],
    ['DATA on stream 0', 'protocolError', data(0, 'x')],
    ['DATA on an idle stream', 'protocolError', data(1, 'x')],
    ['DATA on a stream of the server', 'protocolError', data(2, 'x')],
    ['DATA whose padding is as long as it', 'protocolError', open, data(1, '\x04abc', flag.padded)],
    ['padded DATA without payload', 'protocolError', open, data(1, '', flag.padded)],
    ['HEADERS on stream 0', 'protocolError', headers(0, getFields)],
    ['HEADERS on an even stream', 'protocolError', headers(2, getFields)],
    [
      'HEADERS on a stream passed over',
      'protocolError',
      headers(5, getFields),
      headers(3, getFields),
    ],
    ['padded HEADERS without payload', 'protocolError', frame(frameType.headers, 0xd, 1)],
    ['HEADERS with too much padding', 'protocolError', frame(frameType.headers, 0xd, 1, '\x05abc')],
    ['HEADERS with half a priority', 'protocolError', frame(frameType.headers, 0x25, 1, 'abc')],
    ['HEADERS that are no HPACK', 'compressionError', frame(frameType.headers, 0x5, 1, '\xff\xff')],
    ['another frame in a header block', 'protocolError', ...[headers(1, getFields, 0), ping()]],
    [
      'an unknown frame in a header block',
      'protocolError',
      ...[headers(1, getFields, 0), frame(0x77, 0, 1)],
    ],
    [
      'CONTINUATION of another stream',
      'protocolError',
      ...[headers(1, getFields, 0), frame(frameType.continuation, 4, 3)],
    ],
    ['CONTINUATION without HEADERS', 'protocolError', frame(frameType.continuation, 4, 1)],
    ['CONTINUATION behind END_HEADERS', 'protocolError', open, frame(frameType.continuation, 4, 1)],
    ['PRIORITY on stream 0', 'protocolError', frame(frameType.priority, 0, 0, '12345')],
    ['RST_STREAM on stream 0', 'protocolError', rstStream(0, 8)],
    ['RST_STREAM on an idle stream', 'protocolError', rstStream(1, 8)],
    ['RST_STREAM of three bytes', 'frameSizeError', frame(frameType.rstStream, 0, 1, 'abc')],
    ['SETTINGS on a stream', 'protocolError', frame(frameType.settings, 0, 1)],
    ['SETTINGS of five bytes', 'frameSizeError', frame(frameType.settings, 0, 0, '12345')],
    ['SETTINGS ACK with payload', 'frameSizeError', frame(frameType.settings, 1, 0, '123456')],
    ['SETTINGS_ENABLE_PUSH of 2', 'protocolError', settings({ enablePush: 2 })],
    ['a window of 2^31', 'flowControlError', settings({ initialWindowSize: 2 ** 31 })],
    ['frames of 16383', 'protocolError', settings({ maxFrameSize: 16383 })],
    ['frames of 2^24', 'protocolError', settings({ maxFrameSize: 2 ** 24 })],
    ['extended CONNECT of 2', 'protocolError', settings({ enableConnectProtocol: 2 })],
    [
      'extended CONNECT taken back',
      'protocolError',
      ...[settings({ enableConnectProtocol: 1 }), settings({ enableConnectProtocol: 0 })],
    ],
    ['PUSH_PROMISE', 'protocolError', open, frame(frameType.pushPromise, 4, 1, uint32(2))],
    ['PING on a stream', 'protocolError', frame(frameType.ping, 0, 1, '12345678')],
    ['PING of seven bytes', 'frameSizeError', frame(frameType.ping, 0, 0, '1234567')],
    ['GOAWAY on a stream', 'protocolError', frame(frameType.goaway, 0, 1, uint32(0, 0))],
    ['GOAWAY of seven bytes', 'frameSizeError', frame(frameType.goaway, 0, 0, '1234567')],
    ['WINDOW_UPDATE of nothing', 'protocolError', windowUpdate(0, 0)],
    ['WINDOW_UPDATE on an idle stream', 'protocolError', windowUpdate(1, 1)],
    ['WINDOW_UPDATE of five bytes', 'frameSizeError', frame(frameType.windowUpdate, 0, 0, '12345')],
    ['a window above 2^31-1', 'flowControlError', windowUpdate(0, 2 ** 31 - 1)],
    ['a PRIORITY of itself on an idle stream', 'protocolError', frame(2, 0, 3, '\0\0\0\x03\0')],
  ];
  for (const [name, code, ...frames] of cases) {
    for (const split of [false, true]) {
      const probe = new SessionProbe();
      if (split) for (const byte of Buffer.concat(frames)) probe.receive(Buffer.of(byte));
      else probe.receive(...frames);
      t.equal(probe.error === null ? 'none' : codeName(probe.error.code), code, name);
      t.equal(probe.error?.flood, null, name);
      t.ok(probe.session.closed, name);
      t.match(probe.takeOutput().at(-1), new RegExp(`^goaway \\d+ ${code}$`), name);
      t.ok(probe.events.at(-1)?.startsWith('error '), name);
      // It hears nothing more.
      probe.receive(ping());
      t.same(probe.takeOutput(), [], name);
    }
  }
});

t.test('HEADERS on a stream that has ended', async (t) => {
  const probe = new SessionProbe();
  probe.receive(halfClosed);
  probe.stream(1).handle.sendHeaders([':status', '204'], true);
  probe.receive(trailers);
  t.match(probe.events.at(-1), 'error streamClosed');
});

t.test('the first frame is SETTINGS', async (t) => {
  for (const first of [ping(), settingsAck, headers(1, getFields), data(1, 'x')]) {
    const probe = new SessionProbe({ fresh: true });
    probe.session.start();
    probe.receive(preface, first);
    t.equal(probe.error?.message, 'the first frame is not SETTINGS');
  }
});

t.test('errors of a stream', async (t) => {
  const cases: readonly [name: string, code: string, ...frames: Buffer[]][] = [
    ['DATA behind the end', 'streamClosed', halfClosed, data(1, 'x')],
    ['HEADERS behind the end', 'streamClosed', halfClosed, trailers],
    ['WINDOW_UPDATE of nothing', 'protocolError', open, windowUpdate(1, 0)],
    ['a window above 2^31-1', 'flowControlError', open, windowUpdate(1, 2 ** 31 - 1)],
    ['PRIORITY of four bytes', 'frameSizeError', open, frame(frameType.priority, 0, 1, '1234')],
    ['PRIORITY of itself', 'protocolError', open, frame(frameType.priority, 0, 1, '\0\0\0\x01\0')],
  ];
  for (const [name, code, ...frames] of cases) {
    const probe = new SessionProbe();
    probe.receive(...frames);
    t.equal(probe.error, null, name);
    t.equal(probe.stream(1).events.at(-1), `reset ${code} stream-error`, name);
    t.ok(probe.stream(1).handle.closed, name);
    t.same(probe.takeOutput(), [`1 reset ${code}`], name);
    t.equal(probe.events.at(-1), 'idle', name);
  }
});

t.test('a request that depends on itself is reset', async (t) => {
  const probe = new SessionProbe();
  const payload = Buffer.concat([uint32(1), Buffer.of(1), block(getFields)]);
  probe.receive(frame(frameType.headers, 0x25, 1, payload));
  t.same(probe.takeOutput(), ['1 reset protocolError']);
  t.same(probe.events, []);
});

t.test('frames that are in order', async (t) => {
  const probe = new SessionProbe();
  probe.receive(
    frame(0x77, 0xff, 9, 'unknown'),
    frame(frameType.priority, 0, 7, '\0\0\0\x01\0'),
    settings({ enablePush: 1, maxHeaderListSize: 5, headerTableSize: 0 }),
    frame(frameType.settings, 0, 0, Buffer.from('ffff00000001', 'hex')),
    ping(),
    // Padded, and with a priority.
    frame(
      frameType.headers,
      flag.padded | flag.priority | flag.endHeaders,
      1,
      Buffer.concat([Buffer.of(3), uint32(7), Buffer.of(9), block(postFields), Buffer.alloc(3)]),
    ),
    data(1, '\x02ab\0\0', flag.padded),
    data(1, '\0', flag.padded),
    data(1, '\x01c\0', flag.padded | flag.endStream),
    goaway(0, 0),
  );
  t.same(probe.takeFrames().at(-1)?.payload.toString('latin1'), '12345678');
  t.equal(probe.error, null);
  t.same(probe.events, [
    ...['settings', 'settings', `stream 1 ${postFields.join(' ')}`, 'goaway 0 noError'],
  ]);
  t.same(probe.stream(1).events, ['data 2', 'data 1', 'end']);
  t.equal(probe.stream(1).received.toString(), 'abc');
});

t.test('late frames of a stream that this side has reset are ignored', async (t) => {
  const probe = new SessionProbe();
  probe.receive(open);
  probe.stream(1).handle.reset(8);
  probe.receive(data(1, 'abc'), trailers, rstStream(1, 0), windowUpdate(1, 5));
  t.same(probe.takeOutput(), ['1 reset cancel']);
  t.same(probe.stream(1).events, []);
  t.equal(probe.error, null);
});

t.test('DATA on a stream that is over is answered once', async (t) => {
  const probe = new SessionProbe();
  probe.receive(halfClosed);
  probe.stream(1).handle.sendHeaders([':status', '204'], true);
  probe.takeFrames();
  probe.receive(data(1, 'abc'), data(1, 'abc'));
  t.same(probe.takeOutput(), ['1 reset streamClosed']);
});

t.test('a header block in many frames', async (t) => {
  const probe = new SessionProbe();
  const bytes = block([...getFields, 'x-long', 'v'.repeat(100)]);
  const parts = [0, 1, 2, 3, 4].map((i) =>
    bytes.subarray(i * 20, i === 4 ? bytes.length : i * 20 + 20),
  );
  probe.receive(
    ...parts.map((part, i) =>
      frame(
        i === 0 ? frameType.headers : frameType.continuation,
        (i === 0 ? flag.endStream : 0) | (i === 4 ? flag.endHeaders : 0),
        1,
        part,
      ),
    ),
  );
  t.same(probe.events, [`stream 1 ${getFields.join(' ')} x-long ${'v'.repeat(100)} end`]);
});

t.test('frames mean the same however they are split', async (t) => {
  const bytes = Buffer.concat([
    headers(1, postFields, flag.endHeaders),
    data(1, '\x04hello\0\0\0\0', flag.padded),
    headers(3, getFields),
    data(1, 'world'),
    ping(),
    trailers,
  ]);
  for (let cut = 1; cut < bytes.length; cut++) {
    const probe = new SessionProbe();
    probe.receive(bytes.subarray(0, cut));
    probe.receive(bytes.subarray(cut));
    t.equal(probe.stream(1).received.toString(), 'helloworld');
    t.same(probe.stream(1).events.slice(-2), ['trailers x-checksum 1', 'end']);
    t.ok(probe.streams.has(3));
    t.same(probe.takeOutput(), ['ping ack']);
  }
});

t.test('the reserved bit of a stream identifier means nothing', async (t) => {
  const probe = new SessionProbe();
  const bytes = headers(1, getFields);
  bytes[5] = 0x80;
  probe.receive(bytes);
  t.ok(probe.streams.has(1));
});

t.test('one header block in many frames after another', async (t) => {
  const probe = new SessionProbe();
  for (const id of [1, 3]) {
    const bytes = block(getFields);
    probe.receive(
      frame(frameType.headers, flag.endStream, id, bytes.subarray(0, 9)),
      frame(frameType.continuation, flag.endHeaders, id, bytes.subarray(9)),
    );
    t.equal(probe.events.at(-1), `stream ${id} ${getFields.join(' ')} end`);
  }
});

t.test('a stream that ends in the middle of a frame hears nothing of the rest', async (t) => {
  const post = headers(1, [...postFields, 'content-length', '5'], flag.endHeaders);
  for (const last of [0, flag.endStream]) {
    const probe = new SessionProbe();
    probe.react = (_event, stream) => stream.reset(8);
    probe.receive(post, data(1, 'four', last).subarray(0, 10));
    probe.receive(data(1, 'four', last).subarray(10));
    t.same(probe.stream(1).events, ['data 1']);
    t.same(probe.events.slice(1), ['idle']);
    t.same(probe.takeOutput(), ['1 reset cancel']);
  }
  const probe = new SessionProbe();
  const long = data(1, 'far too long');
  probe.receive(post, long.subarray(0, 15));
  probe.receive(long.subarray(15));
  t.same(probe.events.slice(1), ['malformed 1 body-length', 'idle']);
});
