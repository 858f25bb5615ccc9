/** Flow control both ways, and the order in which streams send (RFC 9113, section 5.2 and 6.9). */

import t from 'tap';
import { DataScheduler } from '../../src/http2/data-scheduler.ts';
import { flag } from '../../src/http2/protocol.ts';
import { SendQueue } from '../../src/http2/send-queue.ts';
import { SendRing } from '../../src/http2/send-ring.ts';
import type { Http2Stream } from '../../src/http2/session-types.ts';
import {
  data,
  getFields,
  headers,
  postFields,
  rstStream,
  settings,
  settingsAck,
  windowUpdate,
} from './frames.ts';
import { SessionProbe } from './session-probe.ts';

/** A server with so many requests, whose responses have begun. */
function withStreams(probe: SessionProbe, count: number): Http2Stream[] {
  const ids = Array.from({ length: count }, (_, i) => 1 + 2 * i);
  for (const id of ids) probe.receive(headers(id, getFields));
  const streams = ids.map((id) => probe.stream(id).handle);
  for (const stream of streams) stream.sendHeaders([':status', '200'], false);
  probe.takeFrames();
  return streams;
}

t.test('a response leaves in one write, its end with its last frame', async (t) => {
  const probe = new SessionProbe();
  probe.receive(headers(1, getFields));
  const { handle } = probe.stream(1);
  handle.sendHeaders([':status', '200'], false);
  handle.sendData('hello');
  handle.sendBytes(Buffer.from('-world-'), 1, 6);
  t.equal(probe.writes.length, 0);
  handle.sendEnd();
  t.equal(probe.wantsFlush, true);
  t.same(probe.takeOutput(), ['1 headers :status 200', '1 data 5', '1 data 5 end']);
  t.ok(handle.closed);
  t.equal(probe.events.at(-1), 'idle');
});

t.test('an end alone', async (t) => {
  const probe = new SessionProbe();
  const [first, second, third, fourth] = withStreams(probe, 4) as [
    ...[Http2Stream, Http2Stream, Http2Stream, Http2Stream],
  ];
  first.sendEnd();
  second.sendTrailers(['grpc-status', '0']);
  third.sendData('x');
  t.same(probe.takeOutput(), ['1 data 0 end', '3 headers grpc-status 0 end', '5 data 1']);
  // What has left cannot be changed any more.
  third.sendEnd();
  fourth.sendData('latin-1: \xff');
  t.same(probe.takeOutput(), ['5 data 0 end', '7 data 10']);
});

t.test('a head with the end', async (t) => {
  const probe = new SessionProbe();
  probe.receive(headers(1, getFields), headers(3, getFields));
  probe.stream(1).handle.sendHeaders([':status', '204'], true);
  probe.stream(3).handle.sendHeaders([':status', '103'], false);
  probe.stream(3).handle.sendHeaders([':status', '200'], false);
  probe.stream(3).handle.sendEnd();
  t.same(probe.takeOutput(), [
    ...['1 headers :status 204 end', '3 headers :status 103', '3 headers :status 200 end'],
  ]);
});

t.test('after the end nothing is sent', async (t) => {
  const probe = new SessionProbe();
  const [stream] = withStreams(probe, 1) as [Http2Stream];
  stream.sendEnd();
  stream.sendData('x');
  stream.sendBytes(Buffer.from('x'), 0, 1);
  stream.sendEnd();
  stream.sendTrailers(['x', 'y']);
  stream.sendHeaders([':status', '200'], false);
  stream.reset(8);
  t.same(probe.takeOutput(), ['1 data 0 end']);
});

t.test('data waits for the window of its stream', async (t) => {
  const probe = new SessionProbe();
  probe.receive(settings({ initialWindowSize: 10 }));
  const [stream] = withStreams(probe, 1) as [Http2Stream];
  stream.sendData('0123456789abcdef');
  stream.sendData(Buffer.from('ghijklmn'));
  stream.sendEnd();
  t.equal(stream.queuedBytes, 14);
  t.same(probe.takeOutput(), ['1 data 10']);
  probe.receive(windowUpdate(1, 8));
  t.ok(probe.wantsFlush);
  t.same(probe.takeOutput(), ['1 data 8']);
  probe.receive(windowUpdate(1, 6));
  t.same(probe.takeOutput(), ['1 data 6 end']);
  t.ok(stream.closed);
});

t.test('trailers follow the data that waits', async (t) => {
  const probe = new SessionProbe();
  probe.receive(settings({ initialWindowSize: 3 }));
  const [stream] = withStreams(probe, 1) as [Http2Stream];
  stream.sendData('12345');
  stream.sendTrailers(['grpc-status', '0']);
  t.same(probe.takeOutput(), ['1 data 3']);
  probe.receive(windowUpdate(1, 2));
  t.same(probe.takeOutput(), ['1 data 2', '1 headers grpc-status 0 end']);
});

t.test('SETTINGS change the windows of open streams, even below zero', async (t) => {
  const probe = new SessionProbe();
  probe.receive(settings({ initialWindowSize: 10 }));
  const [stream] = withStreams(probe, 1) as [Http2Stream];
  stream.sendData('x'.repeat(20));
  t.same(probe.takeOutput(), ['1 data 10']);
  probe.receive(settings({ initialWindowSize: 4 }));
  probe.receive(windowUpdate(1, 6));
  t.same(probe.takeOutput(), ['settings ack']);
  probe.receive(windowUpdate(1, 1));
  t.same(probe.takeOutput(), ['1 data 1']);
  probe.receive(settings({ initialWindowSize: 100 }));
  t.same(probe.takeOutput(), ['settings ack', '1 data 9']);
});

t.test('all streams share the window of the connection', async (t) => {
  const probe = new SessionProbe();
  const [first, second] = withStreams(probe, 2) as [Http2Stream, Http2Stream];
  first.sendData(Buffer.alloc(65_530));
  second.sendData(Buffer.alloc(10));
  t.same(
    probe.takeFrames().reduce((sum, { payload }) => sum + payload.length, 0),
    65_535,
  );
  t.equal(second.queuedBytes, 5);
  probe.receive(windowUpdate(0, 100));
  t.same(probe.takeOutput(), ['3 data 5']);
});

t.test('streams send in turn, frame by frame', async (t) => {
  const probe = new SessionProbe();
  probe.queuedBytes = 1 << 20;
  const streams = withStreams(probe, 3);
  for (const stream of streams) stream.sendData(Buffer.alloc(20_000));
  probe.receive(windowUpdate(0, 100_000), windowUpdate(1, 50_000));
  t.same(probe.takeOutput(), []);
  probe.queuedBytes = 0;
  probe.session.onOutputDrain();
  t.same(probe.takeOutput(), [
    ...['1 data 16384', '3 data 16384', '5 data 16384'],
    ...['1 data 3616', '3 data 3616', '5 data 3616'],
  ]);
});

t.test('frames are as large as the peer allows', async (t) => {
  const probe = new SessionProbe();
  probe.receive(settings({ maxFrameSize: 40_000, initialWindowSize: 100_000 }));
  const [stream] = withStreams(probe, 1) as [Http2Stream];
  stream.sendData(Buffer.alloc(60_000));
  t.same(probe.takeOutput(), ['1 data 40000', '1 data 20000']);
});

t.test('header blocks are split where the peer asks for it', async (t) => {
  const probe = new SessionProbe({ role: 'client' });
  const value = '~'.repeat(40_000);
  probe.open([...getFields, 'x-long', value]);
  const frames = probe.takeFrames();
  t.same(
    frames.map(({ type, flags }) => [type, flags]),
    [
      ['headers', flag.endStream],
      ['continuation', 0],
      ['continuation', flag.endHeaders],
    ],
  );
  const server = new SessionProbe();
  for (const { type, flags, streamId, payload } of frames) {
    const header = Buffer.alloc(9);
    header.writeUIntBE(payload.length, 0, 3);
    header[3] = type === 'headers' ? 1 : 9;
    header[4] = flags;
    header.writeUInt32BE(streamId, 5);
    server.receive(header, payload);
  }
  t.same(server.events, [`stream 1 ${getFields.join(' ')} x-long ${value} end`]);
});

t.test('no data is sent that the output does not take', async (t) => {
  const probe = new SessionProbe({ limits: { outputBytes: 1000 } });
  const [stream] = withStreams(probe, 1) as [Http2Stream];
  probe.queuedBytes = 1000;
  stream.sendData(Buffer.alloc(100));
  stream.sendEnd();
  t.same(probe.takeOutput(), []);
  probe.queuedBytes = 999;
  t.same(probe.takeOutput(), ['1 data 100 end']);
});

t.test('a stream hears that its queue has drained', async (t) => {
  const probe = new SessionProbe({ limits: { drainMarkBytes: 10 } });
  probe.receive(settings({ initialWindowSize: 0 }));
  const [stream] = withStreams(probe, 1) as [Http2Stream];
  const { events } = probe.stream(1);
  stream.sendData('x'.repeat(10));
  probe.receive(windowUpdate(1, 5));
  probe.takeFrames();
  t.same(events, []);
  stream.sendData('x'.repeat(10));
  t.equal(stream.queuedBytes, 15);
  probe.receive(windowUpdate(1, 4));
  probe.takeFrames();
  t.same(events, []);
  probe.receive(windowUpdate(1, 1));
  probe.takeFrames();
  t.same(events, ['drain']);
  probe.receive(windowUpdate(1, 100));
  probe.takeFrames();
  t.same(events, ['drain']);
});

t.test('a stream may send and end when it hears of it', async (t) => {
  const probe = new SessionProbe({ limits: { drainMarkBytes: 4 } });
  probe.receive(settings({ initialWindowSize: 0 }));
  const [stream] = withStreams(probe, 1) as [Http2Stream];
  probe.stream(1).react = () => {
    stream.sendData('more');
    stream.sendEnd();
  };
  stream.sendData('12345');
  probe.receive(windowUpdate(1, 100));
  t.same(probe.takeOutput(), ['1 data 5', '1 data 4 end']);
});

t.test('a reset drops what is queued', async (t) => {
  for (const end of ['own', 'peer'] as const) {
    const probe = new SessionProbe();
    probe.receive(settings({ initialWindowSize: 0 }));
    const [first, second] = withStreams(probe, 2) as [Http2Stream, Http2Stream];
    first.sendData('x');
    second.sendData('y');
    probe.receive(windowUpdate(1, 5), windowUpdate(3, 5));
    if (end === 'own') first.reset(2);
    else probe.receive(rstStream(1, 8));
    t.equal(first.queuedBytes, 0);
    t.same(probe.takeOutput(), [...(end === 'own' ? ['1 reset internalError'] : []), '3 data 1']);
  }
});

t.test('the peer is allowed more when half of a window has come', async (t) => {
  const limits = { streamWindowBytes: 70_000, connectionWindowBytes: 80_000 };
  const probe = new SessionProbe({ limits });
  probe.receive(headers(1, postFields, flag.endHeaders));
  for (let i = 0; i < 2; i++) probe.receive(data(1, Buffer.alloc(16_384)));
  t.same(probe.takeOutput(), []);
  probe.receive(data(1, Buffer.alloc(3000)));
  t.same(probe.takeOutput(), ['1 window 35768']);
  probe.receive(data(1, Buffer.alloc(5000)));
  t.same(probe.takeOutput(), ['0 window 40768']);
});

t.test('padding counts', async (t) => {
  const probe = new SessionProbe({ limits: { streamWindowBytes: 100 } });
  probe.receive(headers(1, postFields, flag.endHeaders));
  probe.receive(data(1, `\x30a${'\0'.repeat(48)}`, flag.padded));
  t.same(probe.takeOutput(), ['1 window 50']);
});

t.test('a stream that is paused is allowed nothing more, others are', async (t) => {
  const limits = { streamWindowBytes: 100, connectionWindowBytes: 65_535 };
  const probe = new SessionProbe({ limits });
  probe.receive(headers(1, postFields, flag.endHeaders), headers(3, postFields, flag.endHeaders));
  const { handle } = probe.stream(1);
  handle.pause();
  probe.receive(data(1, 'x'.repeat(80)), data(3, 'x'.repeat(80)));
  t.same(probe.takeOutput(), ['3 window 80']);
  // It is handed what was allowed before.
  t.equal(probe.stream(1).received.length, 80);
  handle.resume();
  t.same(probe.takeOutput(), ['1 window 80']);
});

t.test('paused streams together hold up the connection', async (t) => {
  const probe = new SessionProbe({
    limits: { streamWindowBytes: 200_000, connectionWindowBytes: 65_536, heldBytes: 40_000 },
  });
  probe.receive(headers(1, postFields, flag.endHeaders), headers(3, postFields, flag.endHeaders));
  probe.stream(1).handle.pause();
  probe.stream(3).handle.pause();
  const piece = Buffer.alloc(16_384);
  probe.receive(data(1, piece), data(1, piece));
  t.same(probe.takeOutput(), ['0 window 32768']);
  probe.receive(data(3, piece), data(3, piece), data(3, piece));
  t.same(probe.takeOutput(), []);
  probe.stream(3).handle.reset(8);
  t.same(probe.takeOutput(), ['0 window 49152', '3 reset cancel']);
});

t.test('more than a window allows', async (t) => {
  const stream = new SessionProbe({ limits: { streamWindowBytes: 100 } });
  stream.receive(headers(1, postFields, flag.endHeaders));
  stream.stream(1).handle.pause();
  stream.receive(data(1, 'x'.repeat(100)), data(1, 'y'));
  t.same(stream.takeOutput(), ['1 reset flowControlError']);
  t.same(stream.stream(1).events, ['data 100', 'reset flowControlError stream-error']);

  const limits = { heldBytes: 0, connectionWindowBytes: 65_535, streamWindowBytes: 200_000 };
  const connection = new SessionProbe({ limits });
  connection.receive(headers(1, postFields, flag.endHeaders));
  connection.stream(1).handle.pause();
  for (let i = 0; i < 4; i++) connection.receive(data(1, Buffer.alloc(16_384)));
  t.equal(connection.error?.message, 'more DATA than the window of the connection allows');
});

t.test('until our SETTINGS are acknowledged a stream may send 65535', async (t) => {
  const probe = new SessionProbe({ fresh: true, limits: { streamWindowBytes: 100 } });
  probe.session.start();
  probe.receive(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings());
  probe.receive(headers(1, postFields, flag.endHeaders), data(1, Buffer.alloc(16_384)));
  t.equal(probe.error, null);
  t.same(probe.stream(1).events, ['data 16384']);
});

t.test('input that nobody wants is dropped, and allowed again', async (t) => {
  const probe = new SessionProbe({ limits: { streamWindowBytes: 100 } });
  probe.receive(headers(1, postFields, flag.endHeaders));
  const { handle, events } = probe.stream(1);
  handle.discardInput();
  probe.receive(data(1, 'x'.repeat(60)));
  t.same(probe.takeOutput(), ['1 window 60']);
  handle.sendHeaders([':status', '200'], false);
  handle.sendData('done');
  handle.sendEnd();
  t.same(probe.takeOutput(), ['1 headers :status 200', '1 data 4 end', '1 reset noError']);
  t.same(events, []);
  t.ok(handle.closed);
  probe.receive(data(1, 'late'));
  t.same(probe.takeOutput(), []);
});

t.test('input that is dropped after the end of our side', async (t) => {
  const probe = new SessionProbe();
  probe.receive(headers(1, postFields, flag.endHeaders));
  const { handle } = probe.stream(1);
  handle.sendHeaders([':status', '200'], true);
  t.equal(handle.closed, false);
  handle.discardInput();
  t.same(probe.takeOutput(), ['1 headers :status 200 end', '1 reset noError']);
});

t.test('who comes later waits behind those that wait', async (t) => {
  const probe = new SessionProbe();
  probe.queuedBytes = 1 << 20;
  const [first, second] = withStreams(probe, 2) as [Http2Stream, Http2Stream];
  first.sendData('first');
  probe.queuedBytes = 0;
  second.sendData('later');
  t.same(probe.takeOutput(), ['1 data 5', '3 data 5']);
});

t.test('a stream that needs no more is allowed no more', async (t) => {
  for (const end of ['end', 'reset'] as const) {
    const probe = new SessionProbe({ limits: { streamWindowBytes: 100 } });
    probe.receive(headers(1, postFields, flag.endHeaders));
    const { handle } = probe.stream(1);
    handle.pause();
    probe.receive(data(1, 'x'.repeat(80)));
    if (end === 'end') probe.receive(data(1, '', flag.endStream));
    else handle.reset(8);
    probe.takeFrames();
    handle.resume();
    t.same(probe.takeOutput(), []);
  }
});

t.test('once our SETTINGS are acknowledged, open streams have the window they say', async (t) => {
  const probe = new SessionProbe({ fresh: true, limits: { streamWindowBytes: 80_000 } });
  probe.session.start();
  probe.receive(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings());
  probe.receive(headers(1, postFields, flag.endHeaders));
  probe.stream(1).handle.pause();
  const piece = Buffer.alloc(16_000);
  for (let i = 0; i < 4; i++) probe.receive(data(1, piece));
  probe.receive(settingsAck, data(1, piece));
  t.same(probe.stream(1).events.at(-1), 'data 16000');
  probe.receive(data(1, 'x'));
  t.same(probe.stream(1).events.at(-1), 'reset flowControlError stream-error');
});

t.test('streams that are given up leave the order of turns, whatever holds it up', async (t) => {
  const probe = new SessionProbe();
  probe.receive(settings({ initialWindowSize: 1 << 20 }));
  const streams = withStreams(probe, 5);
  streams[0]?.sendData(Buffer.alloc(70_000));
  for (const stream of streams.slice(1)) stream.sendData(`of ${stream.id}`);
  probe.takeFrames();
  // The first, one between others, and the last.
  probe.receive(rstStream(1, 8), rstStream(5, 8));
  streams[4]?.reset(8);
  t.same(probe.takeOutput(), ['9 reset cancel']);
  streams[1]?.sendEnd();
  probe.receive(windowUpdate(0, 1000));
  t.same(probe.takeOutput(), ['3 data 4 end', '7 data 4']);
});

t.test('streams that are given up behind a full window leave nothing', async (t) => {
  const ring = new SendRing();
  const owner = { onSendDrain: () => {}, onSendEnd: () => {} };
  const queues = Array.from({ length: 4 }, (_, i) => new SendQueue(1 + 2 * i, owner));
  for (const queue of queues) ring.add(queue);
  const left = () => {
    const ids: number[] = [];
    for (let each = ring.first; each !== null; each = each.next) ids.push(each.streamId);
    return ids;
  };
  for (const [at, ids] of [
    [1, [1, 5, 7]],
    [1, [1, 5, 7]],
    [3, [1, 5]],
    [0, [5]],
    [2, []],
  ] as const) {
    ring.remove(queues[at] as SendQueue);
    t.same(left(), ids);
  }
  ring.add(queues[1] as SendQueue);
  t.same(left(), [3]);
});

t.test('however often SETTINGS change the windows, the streams are looked at once', async (t) => {
  const probe = new SessionProbe();
  probe.receive(settings({ initialWindowSize: 0 }));
  const streams = withStreams(probe, 3);
  for (const stream of streams) stream.sendData('0123456789');
  const { tryResume } = DataScheduler.prototype;
  let looks = 0;
  t.teardown(() => Object.assign(DataScheduler.prototype, { tryResume }));
  DataScheduler.prototype.tryResume = function (queue) {
    looks++;
    return tryResume.call(this, queue);
  };
  for (let i = 0; i < 100; i++) {
    probe.receive(settings({ initialWindowSize: i % 8 }));
  }
  t.equal(looks, 0);
  t.same(probe.takeOutput().slice(100), ['1 data 3', '3 data 3', '5 data 3']);
  t.equal(looks, 3);
  probe.takeOutput();
  t.equal(looks, 3);
});

t.test('a window that SETTINGS make too large', async (t) => {
  const probe = new SessionProbe();
  withStreams(probe, 1);
  probe.receive(windowUpdate(1, 0x7fff_ffff - 65_535), settings({ initialWindowSize: 65_536 }));
  t.same(probe.takeOutput(), ['settings ack', 'goaway 1 flowControlError']);
  t.equal(probe.error?.message, 'a window is above 2^31-1');
});
