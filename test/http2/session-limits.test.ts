/** Peers that ask for too much: each limit is kept, and what is below it passes. */

import t from 'tap';
import { defaultHttp2Limits, type Http2Limits } from '../../src/http2/http2-limits.ts';
import { flag, frameType } from '../../src/http2/protocol.ts';
import type { Http2Stream } from '../../src/http2/session-types.ts';
import {
  block,
  data,
  frame,
  getFields,
  headers,
  ping,
  postFields,
  rstStream,
  settings,
  settingsAck,
  windowUpdate,
} from './frames.ts';
import { SessionProbe } from './session-probe.ts';

t.test('the limits that Envoy has too are its own', async (t) => {
  t.match(defaultHttp2Limits, {
    headerBlockBytes: 61_440,
    headerCount: 100,
    queuedControlFrames: 1000,
    queuedFrames: 10_000,
    emptyFrames: 1,
    ignoredFramesPerStream: 100,
    windowUpdatesPerDataFrame: 10,
    prematureResets: 500,
    prematureResetMs: 1000,
  });
});

t.test('streams beyond the limit are refused, until another ends', async (t) => {
  const probe = new SessionProbe({ limits: { maxConcurrentStreams: 2 } });
  for (const id of [1, 3, 5]) probe.receive(headers(id, getFields));
  t.same(probe.takeOutput(), ['5 reset refusedStream']);
  t.equal(probe.session.openStreams, 2);
  probe.stream(1).handle.sendHeaders([':status', '204'], true);
  probe.receive(headers(7, getFields));
  t.same([...probe.streams.keys()], [1, 3, 7]);
});

t.test('a stream that the owner does not want is refused', async (t) => {
  const probe = new SessionProbe();
  probe.accept = () => false;
  probe.receive(headers(1, getFields));
  t.same(probe.takeOutput(), ['1 reset refusedStream']);
});

t.test('CONTINUATION frames', async (t) => {
  const bytes = block(getFields);
  const parts = (count: number) => [
    frame(frameType.headers, flag.endStream, 1, bytes.subarray(0, 1)),
    ...Array.from({ length: count - 1 }, (_, i) =>
      frame(frameType.continuation, 0, 1, bytes.subarray(i + 1, i + 2)),
    ),
    frame(frameType.continuation, flag.endHeaders, 1, bytes.subarray(count)),
  ];
  const below = new SessionProbe({ limits: { continuationFrames: 4 } });
  below.receive(...parts(4));
  t.ok(below.streams.has(1));
  const beyond = new SessionProbe({ limits: { continuationFrames: 4 } });
  beyond.receive(...parts(5));
  t.match(beyond.error, { flood: 'continuations' });
  t.equal(beyond.streams.size, 0);
});

t.test('frames that carry nothing, in a row', async (t) => {
  const open = headers(1, postFields, flag.endHeaders);
  const empty = data(1, '');
  const below = new SessionProbe();
  below.receive(open, empty, data(1, 'x'), empty, data(1, 'x'), data(1, '', flag.endStream));
  t.equal(below.error, null);
  const floods: readonly Buffer[][] = [
    [open, empty, empty],
    [open, data(1, '\x02\0\0', flag.padded), empty],
    [frame(frameType.headers, 0, 1), frame(frameType.continuation, 0, 1)],
  ];
  for (const frames of floods) {
    const beyond = new SessionProbe();
    beyond.receive(...frames);
    t.match(beyond.error, { flood: 'empty-frames' });
  }
});

/** How many of a frame are taken before the connection ends. */
function countTaken(probe: SessionProbe, each: (index: number) => Buffer, most: number): number {
  for (let index = 0; index < most; index++) {
    probe.receive(each(index));
    if (probe.error !== null) return index;
  }
  return most;
}

t.test('frames without a meaning', async (t) => {
  const limits = { ignoredFramesPerStream: 10 };
  const kinds: readonly Buffer[] = [
    frame(frameType.priority, 0, 3, '\0\0\0\0\0'),
    frame(0x77, 0, 1, 'x'),
    settingsAck,
    ping(flag.ack),
  ];
  for (const kind of kinds) {
    t.equal(
      countTaken(new SessionProbe({ limits }), () => kind, 100),
      10,
    );
    const busy = new SessionProbe({ limits });
    for (const id of [1, 3, 5]) busy.receive(headers(id, getFields));
    t.equal(
      countTaken(busy, () => kind, 100),
      40,
    );
    t.match(busy.error, { flood: 'ignored-frames' });
  }
});

t.test('WINDOW_UPDATE frames, measured by what was sent', async (t) => {
  const update = () => windowUpdate(0, 1);
  t.equal(countTaken(new SessionProbe(), update, 100), 5);
  const busy = new SessionProbe();
  busy.receive(headers(1, getFields));
  busy.stream(1).handle.sendHeaders([':status', '200'], false);
  busy.stream(1).handle.sendData('x');
  t.equal(countTaken(busy, update, 100), 5 + 2 * (1 + 10));
  t.match(busy.error, { flood: 'window-updates' });
});

t.test('answers that are not read', async (t) => {
  const limits = { queuedControlFrames: 20 };
  for (const question of [ping(), settings()]) {
    const reading = new SessionProbe({ limits });
    t.equal(
      countTaken(reading, () => question, 100),
      100,
    );
    const stuck = new SessionProbe({ limits });
    stuck.queuedBytes = 1;
    t.equal(
      countTaken(stuck, () => question, 100),
      20,
    );
    t.match(stuck.error, { flood: 'queued-answers' });
  }
});

t.test('what the output had taken in between does not count', async (t) => {
  const probe = new SessionProbe({ limits: { queuedControlFrames: 20 } });
  // Of a TLS socket: what is written is on its way for a moment, and nothing is said of its end.
  probe.write = () => {
    probe.queuedBytes = 1;
  };
  const question = () => ping();
  for (let i = 0; i < 100; i++) {
    probe.queuedBytes = 0;
    t.equal(countTaken(probe, question, 15), 15);
    probe.takeFrames();
  }
  t.equal(countTaken(probe, question, 15), 5);
});

t.test('an output that ends the session while it is written to', async (t) => {
  const probe = new SessionProbe();
  probe.write = () => probe.session.destroy();
  probe.receive(headers(1, getFields), ping());
  probe.session.flush();
  t.same(probe.stream(1).events, ['reset cancel connection']);
  probe.session.flush();
  t.ok(probe.session.closed);
});

t.test('an output that ends the session while data is written to it', async (t) => {
  const cases = [20_000, 1 << 20].flatMap((bytes) => [
    [bytes, false] as const,
    [bytes, true] as const,
  ]);
  for (const [outputBytes, waits] of cases) {
    const probe = new SessionProbe({ limits: { outputBytes } });
    probe.receive(settings({ initialWindowSize: 1 << 20 }), windowUpdate(0, 1 << 20));
    for (const id of [1, 3]) probe.receive(headers(id, getFields));
    probe.takeFrames();
    const { write } = probe;
    const destroy = () => probe.session.destroy();
    probe.queuedBytes = waits ? 1 << 20 : 0;
    probe.write = waits ? write : destroy;
    for (const id of [1, 3]) {
      const { handle } = probe.stream(id);
      handle.sendHeaders([':status', '200'], false);
      handle.sendData(Buffer.alloc(100_000));
      handle.sendEnd();
    }
    probe.queuedBytes = 0;
    probe.write = destroy;
    probe.session.flush();
    for (const id of [1, 3]) {
      t.same(probe.stream(id).events, ['reset cancel connection']);
      t.equal(probe.stream(id).handle.queuedBytes, 0);
    }
  }
});

t.test('requests that are given up at once', async (t) => {
  const limits = { prematureResets: 50 };
  const pair = (index: number) =>
    Buffer.concat([headers(1 + 2 * index, getFields), rstStream(1 + 2 * index, 8)]);
  const rapid = new SessionProbe({ limits });
  t.equal(countTaken(rapid, pair, 100), 24);
  t.match(rapid.error, { flood: 'early-resets' });
  t.same(rapid.stream(1).events, ['reset cancel peer']);
});

t.test('requests that are given up after a while', async (t) => {
  const probe = new SessionProbe({ limits: { prematureResets: 50 } });
  for (let id = 1; id < 401; id += 2) {
    probe.receive(headers(id, getFields));
    probe.clock.advance(1000);
    probe.receive(rstStream(id, 8));
  }
  t.equal(probe.error, null);
});

t.test('as many that are answered make up for it', async (t) => {
  const probe = new SessionProbe({ limits: { prematureResets: 50 } });
  for (let id = 1; id < 1000; id += 2) {
    probe.receive(headers(id, getFields));
    if (id % 3 === 0) probe.receive(rstStream(id, 8));
    else probe.stream(id).handle.sendHeaders([':status', '204'], true);
  }
  t.equal(probe.error, null);
});

t.test('requests that make this side reset them', async (t) => {
  const probe = new SessionProbe({ limits: { prematureResets: 50 } });
  const pair = (index: number) =>
    Buffer.concat([headers(1 + 2 * index, getFields), windowUpdate(1 + 2 * index, 0)]);
  t.equal(countTaken(probe, pair, 100), 24);
  t.match(probe.error, { flood: 'early-resets' });
});

t.test('resets are remembered up to a limit, and are never taken for errors before', async (t) => {
  const probe = new SessionProbe();
  for (let id = 1; id < 2001; id += 2) {
    probe.receive(headers(id, postFields, flag.endHeaders));
    probe.stream(id).handle.reset(8);
  }
  probe.receive(headers(1, ['x', 'y']));
  t.equal(probe.error, null);
});

t.test('requests that are none count as given up at once', async (t) => {
  const limits = { prematureResets: 50 };
  const malformed = (index: number) => headers(1 + 2 * index, [...getFields, 'connection', 'x']);
  const bad = new SessionProbe({ limits });
  t.equal(countTaken(bad, malformed, 100), 24);
  t.match(bad.error, { flood: 'early-resets' });
  const mixed = new SessionProbe({ limits });
  for (let index = 0; index < 500; index++) {
    if (index % 3 === 0) mixed.receive(malformed(index));
    else {
      mixed.receive(headers(1 + 2 * index, getFields));
      mixed.stream(1 + 2 * index).handle.sendHeaders([':status', '204'], true);
    }
  }
  t.equal(mixed.error, null);
});

t.test('answers of which nothing is read, by their frames and by their bytes', async (t) => {
  const cases: readonly [limits: Partial<Http2Limits>, fields: readonly string[]][] = [
    [{ queuedFrames: 20 }, [':status', '404']],
    [{ queuedBytes: 4000 }, [':status', '302', 'location', '~'.repeat(190)]],
  ];
  for (const [limits, fields] of cases) {
    const answered = (index: number) => headers(1 + 2 * index, getFields);
    const accept = (stream: Http2Stream) => {
      stream.sendHeaders(fields, true);
      return true;
    };
    const reading = new SessionProbe({ limits });
    reading.accept = accept;
    t.equal(countTaken(reading, answered, 200), 200);
    const stuck = new SessionProbe({ limits });
    stuck.accept = accept;
    const { write } = stuck;
    stuck.write = (bytes) => {
      stuck.queuedBytes += bytes.length;
      write.call(stuck, bytes);
    };
    stuck.queuedBytes = 1;
    const taken = countTaken(stuck, answered, 200);
    t.ok(taken >= 18 && taken <= 20, `${taken}`);
    t.match(stuck.error, { flood: 'queued-frames' });
    t.match(stuck.takeOutput().at(-1), /^goaway \d+ enhanceYourCalm$/);
  }
});

t.test('no more is looked at in one go than a turn of the event loop is for', async (t) => {
  const probe = new SessionProbe({ limits: { headsPerTurn: 2, framesPerTurn: 4 } });
  probe.receive(...[1, 3, 5, 7, 9].map((id) => headers(id, getFields)));
  t.same([...probe.streams.keys()], [1, 3]);
  t.equal(probe.session.mustWait, true);
  // What comes meanwhile is kept behind the rest, in whatever pieces.
  const late = Buffer.concat([headers(11, postFields, flag.endHeaders), data(11, 'abc')]);
  probe.receive(late.subarray(0, 20));
  probe.session.goOn();
  t.same([...probe.streams.keys()], [1, 3, 5, 7]);
  probe.receive(late.subarray(20), ping(), ping(), ping());
  probe.session.goOn();
  t.same([...probe.streams.keys()], [1, 3, 5, 7, 9, 11]);
  t.equal(probe.session.mustWait, true);
  t.equal(probe.stream(11).received.length, 0);
  probe.session.goOn();
  t.equal(String(probe.stream(11).received), 'abc');
  t.same(probe.takeOutput(), ['ping ack', 'ping ack', 'ping ack']);
  t.equal(probe.session.mustWait, false);
  t.equal(probe.error, null);
});

t.test('what waits for a turn is forgotten with the session', async (t) => {
  const probe = new SessionProbe({ limits: { headsPerTurn: 1 } });
  probe.receive(headers(1, getFields), headers(3, getFields));
  probe.session.destroy();
  t.equal(probe.session.mustWait, false);
  probe.session.goOn();
  t.same([...probe.streams.keys()], [1]);
});
