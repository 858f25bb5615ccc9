/**
 * Nanoseconds for each exchange on an HTTP/2 session without sockets: frames in, frames out, windows
 * and limits kept. Run it with `node bench/micro/http2.ts`.
 */

import { systemClock } from '../../src/base/clock.ts';
import { HpackEncoder } from '../../src/http2/hpack-encoder.ts';
import { defaultHttp2Limits } from '../../src/http2/http2-limits.ts';
import { Http2Session } from '../../src/http2/http2-session.ts';
import { OutputSlabs } from '../../src/http2/output-slabs.ts';
import { flag, frameType } from '../../src/http2/protocol.ts';
import type { Http2Stream, Http2StreamHandler } from '../../src/http2/session-types.ts';

const rounds = 7;
const batches = 4000;
/** Requests that arrive in one read. */
const batch = 25;

const requestFields = [
  ...[':method', 'GET', ':scheme', 'https', ':authority', 'shop.example.com', ':path', '/a?b=c'],
  ...['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0'],
  ...['accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ...['accept-language', 'en-US,en;q=0.5', 'accept-encoding', 'gzip, deflate, br, zstd'],
  ...['cookie', 'session=c0ffee1234567890; user=jason; theme=dark'],
];
const responseFields = [
  ...[':status', '200', 'server', 'istio-envoy', 'date', 'Sun, 01 Mar 2026 10:00:00 GMT'],
  ...['content-type', 'application/json', 'content-length', '100'],
  ...['x-envoy-upstream-service-time', '3'],
];

function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

class Answer implements Http2StreamHandler {
  readonly #stream: Http2Stream;
  readonly #body: Buffer;

  constructor(stream: Http2Stream, body: Buffer) {
    this.#stream = stream;
    this.#body = body;
  }

  onHeaders(): void {}
  onData(): void {}
  onTrailers(): void {}
  onReset(): void {}
  onDrain(): void {}

  onEnd(): void {
    this.#stream.sendHeaders(responseFields, false);
    this.#stream.sendBytes(this.#body, 0, this.#body.length);
    this.#stream.sendEnd();
  }
}

/** A server whose output takes everything at once. */
function startServer(body: Buffer): Http2Session {
  const session = new Http2Session({
    role: 'server',
    limits: { ...defaultHttp2Limits, prematureResets: Number.POSITIVE_INFINITY },
    output: { queuedBytes: 0, requestFlush: () => {}, write: () => {} },
    handler: {
      onStream(stream, _fields, endStream) {
        const answer = new Answer(stream, body);
        if (endStream) answer.onEnd();
        return answer;
      },
      onMalformed: () => 'close',
      onPeerSettings: () => {},
      onPingAck: () => {},
      onGoaway: () => {},
      onStreamsIdle: () => {},
      onSessionError: ({ message }) => {
        throw new Error(message);
      },
    },
    clock: systemClock,
    slabs: new OutputSlabs(),
    extendedConnect: false,
  });
  session.start();
  const window = Buffer.from('7fff0000', 'hex');
  const hello = Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
    frame(frameType.settings, 0, 0, Buffer.alloc(0)),
    frame(frameType.windowUpdate, 0, 0, window),
  ]);
  session.receive(hello, 0, hello.length);
  return session;
}

/** Requests as they come in one read, with places where their stream identifiers go. */
function requests(upload: Buffer | null): { bytes: Buffer; idsAt: number[][]; first: Buffer } {
  const encoder = new HpackEncoder();
  const encode = (): Buffer => {
    const target = Buffer.alloc(encoder.sizeBound(requestFields));
    return target.subarray(0, encoder.encode(requestFields, target, 0));
  };
  const flags = flag.endHeaders | (upload === null ? flag.endStream : 0);
  const first = frame(frameType.headers, flag.endHeaders | flag.endStream, 1, encode());
  const block = encode();
  const pieces: Buffer[] = [];
  const idsAt: number[][] = [];
  let length = 0;
  const add = (piece: Buffer): number => {
    pieces.push(piece);
    length += piece.length;
    return length - piece.length + 5;
  };
  for (let i = 0; i < batch; i++) {
    const at = [add(frame(frameType.headers, flags, 0, block))];
    if (upload !== null) at.push(add(frame(frameType.data, flag.endStream, 0, upload)));
    idsAt.push(at);
  }
  return { bytes: Buffer.concat(pieces), idsAt, first };
}

function measure(name: string, bodyBytes: number, upload: Buffer | null): void {
  const { bytes, idsAt, first } = requests(upload);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const session = startServer(Buffer.alloc(bodyBytes, 'x'));
    session.receive(first, 0, first.length);
    session.flush();
    const windowUpdate = frame(frameType.windowUpdate, 0, 0, Buffer.alloc(4));
    windowUpdate.writeUInt32BE(Math.max(1, batch * bodyBytes), 9);
    let id = 3;
    const start = process.hrtime.bigint();
    for (let i = 0; i < batches; i++) {
      for (const places of idsAt) {
        for (const at of places) bytes.writeUInt32BE(id, at);
        id += 2;
      }
      session.receive(bytes, 0, bytes.length);
      session.flush();
      if (i > 0) session.receive(windowUpdate, 0, windowUpdate.length);
    }
    times.push(Number(process.hrtime.bigint() - start) / (batches * batch));
  }
  times.sort((a, b) => a - b);
  const [least = 0] = times;
  const median = times[rounds >> 1] ?? 0;
  console.log(`${name.padEnd(44)} ${median.toFixed(0).padStart(6)} ns (least ${least.toFixed(0)})`);
}

measure('GET, response of 100 bytes', 100, null);
measure('GET, response of 16 KiB', 16 * 1024, null);
measure('POST of 100 bytes, response of 100 bytes', 100, Buffer.alloc(100));
measure('POST of 16 KiB, response of 100 bytes', 100, Buffer.alloc(16 * 1024));
