/** As much of HTTP/2 as the client that behaves needs: frames that are ready, many streams. */

import type { Socket } from 'node:net';
import {
  clientPreface,
  contentOf,
  encodeFrame,
  encodeNumber,
  encodeSettings,
  errorName,
  type Frame,
  frameFlags,
  frameTypes,
  readFrame,
} from '../../test/support/h2-frames.ts';
import { encodeHeaderBlock } from '../../test/support/hpack-text.ts';
import { goodOutcome } from './answer.ts';
import { type Connection, listenForEnd, type OnOutcome } from './connection.ts';
import { authority, goodBody, goodPath } from './setup.ts';

const { endHeaders, endStream, ack } = frameFlags;
const noBytes = Buffer.alloc(0);
/** In the header of a frame. */
const streamIdAt = 5;

/** The window lets through more than a connection ever asks for: none is opened later. */
const opening = Buffer.concat([
  Buffer.from(clientPreface, 'latin1'),
  encodeSettings([]),
  encodeNumber(frameTypes.windowUpdate, 0, 2 ** 30),
]);
const settingsAck = encodeFrame({
  type: frameTypes.settings,
  streamId: 0,
  payload: noBytes,
  flags: ack,
});
/** Of `:status: 200`, the first field of an answer (RFC 7541, appendix A). */
const indexOf200 = 0x88;

function requestOf(scheme: string): Buffer {
  const payload = encodeHeaderBlock([
    [':method', 'GET'],
    [':scheme', scheme],
    [':authority', authority],
    [':path', goodPath],
  ]);
  return encodeFrame({
    type: frameTypes.headers,
    streamId: 0,
    payload,
    flags: endHeaders | endStream,
  });
}

const requests = { http: requestOf('http'), https: requestOf('https') };

interface Stream {
  readonly onOutcome: OnOutcome;
  is200: boolean;
  body: string;
}

export class Http2Connection implements Connection {
  readonly #socket: Socket;
  readonly #request: Buffer;
  readonly #streams = new Map<number, Stream>();
  #received: Buffer = noBytes;
  #nextStream = 1;
  #isGoingAway = false;

  constructor(socket: Socket, scheme: keyof typeof requests) {
    this.#socket = socket;
    this.#request = requests[scheme];
    socket.write(opening);
    socket.on('data', (data: Buffer) => this.#receive(data));
    listenForEnd(socket, (reason) => {
      this.#isGoingAway = true;
      for (const id of [...this.#streams.keys()]) this.#end(id, reason);
    });
  }

  get isFree(): boolean {
    return !this.#isGoingAway;
  }

  request(onOutcome: OnOutcome): void {
    const id = this.#nextStream;
    this.#nextStream += 2;
    this.#streams.set(id, { onOutcome, is200: false, body: '' });
    const bytes = Buffer.from(this.#request);
    bytes.writeUInt32BE(id, streamIdAt);
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(data: Buffer): void {
    this.#received = this.#received.length === 0 ? data : Buffer.concat([this.#received, data]);
    for (let read = readFrame(this.#received); read !== null; read = readFrame(this.#received)) {
      this.#received = read.rest;
      this.#take(read.frame);
    }
  }

  #take(frame: Frame): void {
    const { type, flags, streamId, payload } = frame;
    const stream = this.#streams.get(streamId);
    if (type === frameTypes.settings && (flags & ack) === 0) {
      this.#socket.write(settingsAck);
    } else if (type === frameTypes.ping && (flags & ack) === 0) {
      this.#socket.write(encodeFrame({ type, streamId, payload, flags: ack }));
    } else if (type === frameTypes.goaway) {
      this.#isGoingAway = true;
    } else if (type === frameTypes.rstStream) {
      this.#end(streamId, errorName(payload.readUInt32BE(0)));
    } else if (stream !== undefined) {
      if (type === frameTypes.headers) stream.is200 ||= contentOf(frame)[0] === indexOf200;
      if (type === frameTypes.data) stream.body += contentOf(frame).toString('latin1');
      if ((flags & endStream) !== 0) this.#end(streamId, outcomeOf(stream));
    }
  }

  #end(id: number, outcome: string): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    stream?.onOutcome(outcome);
  }
}

function outcomeOf({ is200, body }: Stream): string {
  if (!is200) return 'another status';
  return body === goodBody ? goodOutcome : 'wrong body';
}
