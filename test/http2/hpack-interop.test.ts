/** Header blocks of node:http2 (nghttp2) are decoded, and it decodes ours. */

import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import t, { type Test } from 'tap';
import { HpackEncoder } from '../../src/http2/hpack-encoder.ts';
import { decodeBytes, encodeBytes, newDecoder } from './hpack-blocks.ts';

const frameType = { headers: 1, settings: 4 } as const;
const flag = { ack: 1, endStream: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;
const headerTableSize = 1;

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

function writeFrame({ type, flags, stream, payload }: Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The field block fragment of a HEADERS frame: no CONTINUATION follows those of these tests. */
function blockOf({ flags, payload }: Frame): Buffer {
  if ((flags & flag.endHeaders) === 0) throw new Error('the block is in several frames');
  const padding = (flags & flag.padded) === 0 ? 0 : (payload[0] ?? 0);
  const start = ((flags & flag.padded) === 0 ? 0 : 1) + ((flags & flag.priority) === 0 ? 0 : 5);
  return payload.subarray(start, payload.length - padding);
}

/** A server made of bytes: it hands out each frame, and writes what it is told. */
class RawServer {
  readonly #listening = net.createServer();
  readonly #onFrame: (frame: Frame, socket: net.Socket) => void;

  constructor(onFrame: (frame: Frame, socket: net.Socket) => void) {
    this.#onFrame = onFrame;
    this.#listening.on('connection', (socket) => this.#read(socket));
  }

  async start(t: Test): Promise<string> {
    t.teardown(() => this.#listening.close());
    this.#listening.listen(0, '127.0.0.1');
    await once(this.#listening, 'listening');
    return `http://127.0.0.1:${(this.#listening.address() as net.AddressInfo).port}`;
  }

  #read(socket: net.Socket): void {
    const prefaceBytes = 24;
    let bytes = Buffer.alloc(0);
    let at = prefaceBytes;
    socket.on('error', () => {});
    socket.on('data', (data: Buffer) => {
      bytes = Buffer.concat([bytes, data]);
      while (bytes.length >= at + 9 && bytes.length >= at + 9 + bytes.readUIntBE(at, 3)) {
        const end = at + 9 + bytes.readUIntBE(at, 3);
        const payload = bytes.subarray(at + 9, end);
        const stream = bytes.readUInt32BE(at + 5) & 0x7fffffff;
        this.#onFrame(
          { type: bytes[at + 3] ?? 0, flags: bytes[at + 4] ?? 0, stream, payload },
          socket,
        );
        at = end;
      }
    });
  }
}

function settingsFrame(tableBytes: number | null): Buffer {
  const payload = Buffer.alloc(tableBytes === null ? 0 : 6);
  if (tableBytes !== null) {
    payload.writeUInt16BE(headerTableSize, 0);
    payload.writeUInt32BE(tableBytes, 2);
  }
  return writeFrame({ type: frameType.settings, flags: 0, stream: 0, payload });
}

const settingsAck = writeFrame({
  type: frameType.settings,
  flags: flag.ack,
  stream: 0,
  payload: Buffer.alloc(0),
});

const requests = Array.from({ length: 60 }, (_, i) => ({
  ':method': i % 3 === 0 ? 'POST' : 'GET',
  ':scheme': 'http',
  ':authority': 'shop.example.com',
  ':path': `/products/${i}?page=${i % 4}`,
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0',
  cookie: i % 2 === 0 ? 'a=b' : 'session=c0ffee1234567890',
  authorization: 'Basic YTpi',
  [`x-field-${i % 5}`]: 'ü~\x7f'.slice(0, i % 3) + 'x'.repeat(i * 5),
  'x-request-id': `4bf92f35-77b3-4da6-a3ce-${i}`,
}));

for (const tableBytes of [4096, 300, 0]) {
  t.test(`requests of a client whose table has ${tableBytes} bytes are decoded`, async (t) => {
    const decoder = newDecoder();
    const decoded: unknown[] = [];
    const server = new RawServer(({ type, flags, stream, payload }, socket) => {
      if (type === frameType.settings && (flags & flag.ack) === 0) {
        socket.write(Buffer.concat([settingsFrame(tableBytes), settingsAck]));
      } else if (type === frameType.settings) {
        decoder.setMaxTableBytes(tableBytes);
      } else if (type === frameType.headers) {
        decoded.push(decodeBytes(decoder, blockOf({ type, flags, stream, payload })));
        const block = encodeBytes(new HpackEncoder(), [':status', '204']);
        const end = flag.endHeaders | flag.endStream;
        socket.write(writeFrame({ type: frameType.headers, flags: end, stream, payload: block }));
      }
    });
    const session = http2.connect(await server.start(t));
    t.teardown(() => session.destroy());
    await once(session, 'remoteSettings');
    for (const headers of requests) {
      const request = session.request(headers, { endStream: true });
      await once(request, 'response');
    }
    t.same(
      decoded,
      requests.map((headers) => Object.entries(headers).flat()),
    );
  });
}

const responses = Array.from({ length: 60 }, (_, i) => [
  ...[':status', i % 4 === 0 ? '200' : String(400 + i)],
  ...['server', 'istio-envoy', 'date', `Sun, 01 Mar 2026 10:00:${10 + (i >> 2)} GMT`],
  ...['content-type', i % 2 === 0 ? 'text/plain' : 'application/json'],
  ...['etag', `"${i}"`, 'location', `/${'l'.repeat(i)}`],
  ...[`x-field-${i % 7}`, `~${'\xe9'.repeat(i % 3)}${'y'.repeat(i * 3)}`],
  ...['x-request-id', `4bf92f35-77b3-4da6-a3ce-${i}`, 'x-empty', ''],
]);

for (const tableBytes of [4096, 65_536, 200, 0]) {
  t.test(`a client with a table of ${tableBytes} bytes decodes our responses`, async (t) => {
    const encoder = new HpackEncoder();
    let sent = 0;
    const server = new RawServer(({ type, flags, stream, payload }, socket) => {
      if (type === frameType.settings && (flags & flag.ack) === 0) {
        for (let at = 0; at < payload.length; at += 6) {
          if (payload.readUInt16BE(at) !== headerTableSize) continue;
          encoder.setMaxTableBytes(payload.readUInt32BE(at + 2));
        }
        socket.write(Buffer.concat([settingsFrame(null), settingsAck]));
      } else if (type === frameType.headers) {
        const block = encodeBytes(encoder, responses[sent++] ?? []);
        const end = flag.endHeaders | flag.endStream;
        socket.write(writeFrame({ type: frameType.headers, flags: end, stream, payload: block }));
      }
    });
    const authority = await server.start(t);
    const session = http2.connect(authority, { settings: { headerTableSize: tableBytes } });
    t.teardown(() => session.destroy());
    await once(session, 'remoteSettings');
    for (const expected of responses) {
      const request = session.request({ ':path': '/' }, { endStream: true });
      const [, , raw] = (await once(request, 'response')) as [unknown, unknown, string[]];
      t.same(raw, expected);
    }
  });
}

t.test('a client follows a table that changes its size between responses', async (t) => {
  const encoder = new HpackEncoder();
  const sizes = [4096, 100, 0, 2000, 4096];
  let sent = 0;
  const server = new RawServer(({ type, flags, stream }, socket) => {
    if (type === frameType.settings && (flags & flag.ack) === 0) {
      socket.write(Buffer.concat([settingsFrame(null), settingsAck]));
    } else if (type === frameType.headers) {
      encoder.setMaxTableBytes(sizes[sent % sizes.length] ?? 0);
      encoder.setMaxTableBytes(sizes[(sent * 3 + 1) % sizes.length] ?? 0);
      const block = encodeBytes(encoder, responses[sent++] ?? []);
      const end = flag.endHeaders | flag.endStream;
      socket.write(writeFrame({ type: frameType.headers, flags: end, stream, payload: block }));
    }
  });
  const session = http2.connect(await server.start(t));
  t.teardown(() => session.destroy());
  for (const expected of responses) {
    const request = session.request({ ':path': '/' }, { endStream: true });
    const [, , raw] = (await once(request, 'response')) as [unknown, unknown, string[]];
    t.same(raw, expected);
  }
});
