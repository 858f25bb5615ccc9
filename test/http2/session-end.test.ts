/** How connections and streams end: GOAWAY in two steps, resets, and connections that break. */

import t from 'tap';
import { OutputSlabs } from '../../src/http2/output-slabs.ts';
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
} from './frames.ts';
import { SessionProbe } from './session-probe.ts';

t.test('a graceful end', async (t) => {
  const probe = new SessionProbe();
  probe.receive(headers(1, getFields));
  probe.session.announceGoaway();
  t.same(probe.takeOutput(), ['goaway 2147483647 noError']);
  // It was on its way.
  probe.receive(headers(3, getFields));
  t.ok(probe.streams.has(3));
  probe.session.goaway(0);
  t.same(probe.takeOutput(), ['goaway 3 noError']);
  probe.receive(headers(5, postFields, flag.endHeaders), data(5, 'x'));
  t.notOk(probe.streams.has(5));
  t.same(probe.takeOutput(), ['5 reset refusedStream']);
  for (const id of [1, 3]) probe.stream(id).handle.sendHeaders([':status', '204'], true);
  t.same(probe.takeOutput(), ['1 headers :status 204 end', '3 headers :status 204 end']);
  t.equal(probe.events.at(-1), 'idle');
  t.equal(probe.error, null);
});

t.test('a client opens no streams after its own GOAWAY', async (t) => {
  const probe = new SessionProbe({ role: 'client' });
  probe.open(getFields);
  probe.session.goaway(0);
  t.same(probe.takeOutput().slice(1), ['goaway 0 noError']);
  t.equal(probe.open(getFields).stream, null);
  probe.receive(headers(1, [':status', '200']));
  t.same(probe.stream(1).events, ['headers :status 200 end']);
});

t.test('the end of the connection is the end of its streams', async (t) => {
  const probe = new SessionProbe();
  probe.receive(headers(1, getFields), headers(3, getFields));
  probe.session.destroy();
  for (const id of [1, 3]) {
    t.same(probe.stream(id).events, ['reset cancel connection']);
    t.ok(probe.stream(id).handle.closed);
  }
  probe.stream(1).handle.sendHeaders([':status', '200'], true);
  probe.session.ping();
  probe.session.goaway(0);
  probe.session.announceGoaway();
  probe.session.destroy();
  probe.receive(ping());
  t.same(probe.takeOutput(), []);
  t.equal(probe.events.includes('idle'), false);
});

t.test('an error of the connection is the end of its streams', async (t) => {
  const probe = new SessionProbe();
  probe.receive(headers(1, getFields), headers(3, getFields), data(0, 'x'));
  t.same(probe.stream(3).events, ['reset protocolError connection']);
  t.same(probe.takeOutput(), ['goaway 3 protocolError']);
  t.equal(probe.events.at(-1), 'error protocolError');
});

t.test('an owner may end the connection in any event of it', async (t) => {
  const frames = [
    headers(1, postFields, flag.endHeaders),
    data(1, 'x'),
    data(1, 'y'),
    headers(1, ['x', 'y']),
    headers(3, getFields),
  ];
  for (const last of ['data 1', 'trailers x y', 'end']) {
    const probe = new SessionProbe();
    probe.react = (event) => {
      if (event === last) probe.session.destroy();
    };
    probe.receive(...frames);
    t.equal(probe.stream(1).events.filter((event) => event === last).length, 1, last);
    t.notOk(probe.streams.has(3), last);
  }
});

t.test('an owner may reset a stream in any event of it', async (t) => {
  for (const last of ['data 1', 'trailers x y', 'end']) {
    const probe = new SessionProbe();
    probe.react = (event, stream) => {
      if (event === last) stream.reset(8);
    };
    probe.receive(headers(1, postFields, flag.endHeaders), data(1, 'x'), headers(1, ['x', 'y']));
    probe.receive(headers(3, getFields));
    t.equal(probe.stream(1).events.at(-1), last);
    t.ok(probe.streams.has(3));
    t.same(probe.takeOutput(), ['1 reset cancel']);
  }
});

t.test('an owner may answer within onStream', async (t) => {
  const probe = new SessionProbe();
  probe.accept = (stream) => {
    stream.sendHeaders([':status', '200'], false);
    stream.sendData('now');
    stream.sendEnd();
    return true;
  };
  probe.receive(headers(1, getFields), headers(3, postFields, flag.endHeaders), data(3, 'x', 1));
  t.same(probe.takeOutput(), [
    ...['1 headers :status 200', '1 data 3 end', '3 headers :status 200', '3 data 3 end'],
  ]);
  t.same(probe.stream(1).events, []);
  t.same(probe.stream(3).events, ['data 1', 'end']);
  t.equal(probe.session.openStreams, 0);
});

t.test('an owner may reset within onStream', async (t) => {
  const probe = new SessionProbe();
  probe.accept = (stream) => {
    stream.reset(0xd);
    return true;
  };
  probe.receive(headers(1, postFields, flag.endHeaders), data(1, 'x'));
  t.same(probe.takeOutput(), ['1 reset http11Required']);
  t.same(probe.stream(1).events, []);
});

t.test('a connection that ends within onStream', async (t) => {
  const probe = new SessionProbe();
  probe.accept = () => {
    probe.session.destroy();
    return true;
  };
  probe.receive(headers(1, getFields));
  t.same(probe.stream(1).events, ['reset internalError connection']);
  t.equal(probe.session.openStreams, 0);
});

t.test('a client that gives up', async (t) => {
  const probe = new SessionProbe();
  probe.receive(headers(1, postFields, flag.endHeaders), rstStream(1, 8), headers(3, getFields));
  t.same(probe.stream(1).events, ['reset cancel peer']);
  t.same(probe.takeOutput(), []);
  t.same([...probe.events.slice(1)], ['idle', `stream 3 ${getFields.join(' ')} end`]);
});

t.test('memory for frames is handed from session to session', async (t) => {
  const slabs = new OutputSlabs();
  const slab = slabs.take(100);
  slab.offset += 100;
  slabs.giveBack(slab);
  t.equal(slabs.take(100), slab);
  t.not(slabs.take(100), slab, 'somebody has it');
  slab.offset = slab.bytes.length - 1500;
  slabs.giveBack(slab);
  t.not(slabs.take(2000), slab, 'too little is left of it');
  t.equal(slabs.take(1000), slab);
  slab.offset = slab.bytes.length - 1000;
  slabs.giveBack(slab);
  t.not(slabs.take(10), slab, 'nothing is left of it');
});

t.test('frames keep their place until the output has taken them', async (t) => {
  const probe = new SessionProbe();
  const views: Buffer[] = [];
  probe.write = (bytes) => views.push(bytes);
  const write = (payload: string) => {
    probe.receive(ping(0, payload));
    probe.takeFrames();
  };
  probe.queuedBytes = 17;
  write('-first--');
  write('-second-');
  probe.queuedBytes = 0;
  write('-third--');
  write('-fourth-');
  t.same(
    views.map((view) => view.toString('latin1', 9)),
    ['-first--', '-second-', '-fourth-', '-fourth-'],
  );
});

t.test('an owner that ends the session hears and answers nothing of the same piece', async (t) => {
  const end = (probe: SessionProbe) => {
    probe.session.flush();
    probe.session.destroy();
  };
  const onGoaway = new SessionProbe();
  onGoaway.onGoaway = () => end(onGoaway);
  onGoaway.receive(goaway(0, 0), ping(), headers(1, getFields), settings({ maxFrameSize: 1 }));
  const onAck = new SessionProbe();
  onAck.session.ping();
  onAck.takeFrames();
  onAck.onPingAck = () => {
    onAck.session.goaway(0);
    end(onAck);
  };
  onAck.receive(ping(1), headers(1, getFields), ping());
  for (const [probe, output] of [
    [onGoaway, []],
    [onAck, ['goaway 0 noError']],
  ] as const) {
    t.equal(probe.streams.size, 0);
    t.equal(probe.error, null);
    t.same(probe.takeOutput(), output);
    probe.receive(ping());
    t.same(probe.takeOutput(), []);
    t.equal(probe.session.awaitedSince, null);
  }
});

t.test('a peer that does not complete what it has begun', async (t) => {
  const probe = new SessionProbe({ fresh: true });
  probe.clock.advance(5);
  probe.session.start();
  const { session, clock } = probe;
  const start = session.awaitedSince as number;
  const since = () => (session.awaitedSince === null ? null : session.awaitedSince - start);
  const whole = headers(1, getFields);
  const bytes = block(postFields);
  const open = frame(frameType.headers, 0, 3, bytes.subarray(0, 9));
  const rest = frame(frameType.continuation, flag.endHeaders, 3, bytes.subarray(9));
  const steps: readonly [what: string, since: number | null, ...frames: Buffer[]][] = [
    ['a part of the preface', 0, preface.subarray(0, 10)],
    ['the preface', 0, preface.subarray(10)],
    ['a part of SETTINGS', 0, settings().subarray(0, 5)],
    ['SETTINGS', null, settings().subarray(5)],
    ['a part of a frame header', 50, whole.subarray(0, 3)],
    ['a part of HEADERS', 50, whole.subarray(3, 12)],
    ['HEADERS, and a part of the next', 70, whole.subarray(12), open.subarray(0, 12)],
    ['HEADERS without the end', 70, open.subarray(12)],
    ['a part of CONTINUATION', 70, rest.subarray(0, 10)],
    ['the end of it', null, rest.subarray(10)],
    ['a part of DATA', null, data(3, 'abc').subarray(0, 10)],
    ['DATA, and a part of PING', 120, data(3, 'abc').subarray(10), ping().subarray(0, 9)],
    ['PING', null, ping().subarray(9)],
  ];
  for (const [what, expected, ...frames] of steps) {
    clock.advance(10);
    probe.receive(...frames);
    t.equal(since(), expected, what);
  }
  t.equal(probe.error, null);
});
