/** What holds for any frames, and for any traffic between a client and a server. */

import fc from 'fast-check';
import t from 'tap';
import type { Http2Limits } from '../../src/http2/http2-limits.ts';
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
  settingsAck,
  windowUpdate,
} from './frames.ts';
import { exchange, newPair } from './session-pair.ts';
import { type ProbeStream, SessionProbe } from './session-probe.ts';

const id = fc.constantFrom(0, 1, 1, 1, 3, 3, 5, 2, 2 ** 31 - 1);
const flags = fc.constantFrom(0, 1, 4, 5, 8, 0x25, 0xff);
const value = fc.constantFrom(0, 1, 2, 100, 16384, 65535, 2 ** 31 - 1, 2 ** 32 - 1);
const anyFrame: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(id, flags).map(([at, f]) => headers(at, postFields, f)) },
  { weight: 4, arbitrary: fc.tuple(id, flags).map(([at, f]) => data(at, 'some data', f)) },
  fc.tuple(id, flags).map(([at, f]) => headers(at, ['x-trailer', '1'], f)),
  fc.tuple(id, flags).map(([at, f]) => headers(at, [':status', '200'], f)),
  fc.tuple(id, value).map(([at, n]) => windowUpdate(at, n)),
  fc.tuple(id, value).map(([at, n]) => rstStream(at, n)),
  value.map((n) => settings({ initialWindowSize: n })),
  value.map((n) => settings({ maxFrameSize: n, headerTableSize: n })),
  fc.constantFrom(settingsAck, ping(), ping(1), settings()),
  fc.tuple(value, value).map(([at, n]) => goaway(at % 2 ** 31, n)),
  fc
    .tuple(fc.nat(12), flags, id, fc.uint8Array({ maxLength: 20 }))
    .map(([type, f, at, payload]) => frame(type, f, at, payload)),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
);

const limits: Partial<Http2Limits> = {
  maxConcurrentStreams: 2,
  streamWindowBytes: 40,
  prematureResets: 1000,
  ignoredFramesPerStream: 1000,
};

/** What an owner may do in an event, or between reads. */
const deeds = [
  () => {},
  (stream: ProbeStream) => stream.handle.sendHeaders([':status', '200'], false),
  (stream: ProbeStream) => stream.handle.sendData('answer'),
  (stream: ProbeStream) => stream.handle.sendEnd(),
  (stream: ProbeStream) => stream.handle.sendTrailers(['x', 'y']),
  (stream: ProbeStream) => stream.handle.pause(),
  (stream: ProbeStream) => stream.handle.resume(),
  (stream: ProbeStream) => stream.handle.discardInput(),
  (stream: ProbeStream) => stream.handle.reset(8),
];

/** Each stream ends at most once, and hears nothing behind its end. */
function isSound({ events }: ProbeStream): boolean {
  const reset = events.findIndex((event) => event.startsWith('reset'));
  const end = events.findIndex((event) => event === 'end' || / end$/.test(event));
  if (reset >= 0 && reset !== events.length - 1) return false;
  return end < 0 || !events.slice(end + 1).some((event) => /^(data|trailers|headers)/.test(event));
}

for (const role of ['server', 'client'] as const) {
  t.test(`no frames make a ${role} throw or go beyond its limits`, async (t) => {
    const step = fc.record({
      frames: fc.array(anyFrame, { maxLength: 4 }),
      deed: fc.nat(deeds.length - 1),
      inEvent: fc.boolean(),
    });
    const property = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const probe = new SessionProbe({ role, limits });
      if (role === 'client') for (let i = 0; i < 3; i++) probe.open(getFields, i === 1);
      let deed = deeds[0];
      probe.react = (_event, stream) => {
        const own = probe.streams.get(stream.id);
        if (own !== undefined) deed?.(own);
      };
      for (const { frames, deed: index, inEvent } of steps) {
        deed = inEvent ? deeds[index] : deeds[0];
        probe.receive(...frames);
        if (!inEvent) for (const stream of probe.streams.values()) deeds[index]?.(stream);
        // Whole frames, and none behind the end.
        probe.takeFrames();
        if (role === 'server' && probe.session.openStreams > 2) return false;
      }
      const errors = probe.events.filter((event) => event.startsWith('error')).length;
      return errors <= 1 && [...probe.streams.values()].every(isSound);
    });
    fc.assert(property, { numRuns: 3000 });
    t.pass('3000 runs');
  });
}

interface Message {
  readonly pieces: readonly string[];
  readonly trailers: boolean;
}

const message: fc.Arbitrary<Message> = fc.record({
  pieces: fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\xff'), maxLength: 60 })),
  trailers: fc.boolean(),
});

const trailerFields = ['x-trailer', 'at the end'];

/** Sends the next piece, or the end. */
function sendNext(stream: ProbeStream, { pieces, trailers }: Message, index: number): void {
  const piece = pieces[index];
  const { handle } = stream;
  if (piece === undefined) {
    if (trailers) handle.sendTrailers(trailerFields);
    else handle.sendEnd();
  } else if (index % 3 === 0) {
    handle.sendData(piece);
  } else {
    const bytes = Buffer.from(`<${piece}>`, 'latin1');
    if (index % 3 === 1) handle.sendData(bytes.subarray(1, -1));
    else handle.sendBytes(bytes, 1, bytes.length - 1);
    // Whatever is a view must have been copied.
    if (index % 3 === 2) bytes.fill(0);
  }
}

function isComplete({ received, events }: ProbeStream, { pieces, trailers }: Message): boolean {
  const last = events.filter((event) => event !== 'drain');
  const hasTrailers = last.at(-2) === `trailers ${trailerFields.join(' ')}`;
  return (
    received.toString('latin1') === pieces.join('') &&
    /(^| )end$/.test(last.at(-1) ?? '') &&
    hasTrailers === trailers
  );
}

t.test('all traffic arrives, in order, through windows of any size', async (t) => {
  const property = fc.property(
    fc.array(fc.tuple(message, message), { minLength: 1, maxLength: 5 }),
    fc.integer({ min: 1, max: 80 }),
    fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
    fc.array(fc.tuple(fc.nat(4), fc.boolean()), { maxLength: 10 }),
    (messages, windowBytes, sizes, pauses) => {
      const [client, server] = newPair(windowBytes);
      exchange(client, server, sizes);
      const requests = messages.map(() => client.open(postFields, false));
      exchange(client, server, sizes);
      const responses = requests.map(({ handle }) => server.stream(handle.id));
      for (const { handle } of responses) handle.sendHeaders([':status', '200'], false);
      const longest = Math.max(...messages.flat().map(({ pieces }) => pieces.length));
      for (let i = 0; i <= longest; i++) {
        messages.forEach(([request, response], at) => {
          if (i <= request.pieces.length) sendNext(requests[at] as ProbeStream, request, i);
          if (i <= response.pieces.length) sendNext(responses[at] as ProbeStream, response, i);
        });
        const [at, isClient] = pauses[i] ?? [9, true];
        (isClient ? requests : responses)[at]?.handle.pause();
        exchange(client, server, sizes);
      }
      for (const { handle } of [...requests, ...responses]) handle.resume();
      exchange(client, server, sizes);
      const arrived = messages.every(
        ([request, response], at) =>
          isComplete(responses[at] as ProbeStream, request) &&
          isComplete(requests[at] as ProbeStream, response),
      );
      const isOver = client.session.openStreams === 0 && server.session.openStreams === 0;
      return arrived && isOver && client.error === null && server.error === null;
    },
  );
  fc.assert(property, { numRuns: 400 });
  t.pass('400 runs');
});

t.test('a stream that nobody reads holds up no other, and is given no more', async (t) => {
  const [client, server] = newPair(100);
  exchange(client, server, [1000]);
  const stuck = client.open(postFields, false);
  exchange(client, server, [1000]);
  server.stream(1).handle.pause();
  stuck.handle.sendData(Buffer.alloc(100_000));
  exchange(client, server, [1000]);
  t.equal(server.stream(1).received.length, 100);
  const free = client.open(postFields, false);
  free.handle.sendData(Buffer.alloc(300_000));
  free.handle.sendEnd();
  exchange(client, server, [1000]);
  t.equal(server.stream(3).received.length, 300_000);
  t.equal(server.stream(1).received.length, 100);
  t.ok(stuck.handle.queuedBytes > 90_000);
});

t.test('a block for the HPACK table is read even where its stream is refused', async (t) => {
  const [client, server] = newPair(100);
  server.accept = (stream) => stream.id !== 3;
  exchange(client, server, [1000]);
  for (let i = 0; i < 3; i++) client.open([...getFields, `x-${i}`, 'kept'], true);
  client.open([...getFields, 'x-1', 'kept'], true);
  exchange(client, server, [7]);
  t.equal(server.error, null);
  t.match(server.events.at(-1), /^stream 7 .* x-1 kept end$/);
});
