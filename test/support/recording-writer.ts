/** A SocketWriter whose socket keeps every write, for tests without a network. */

import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { SocketWriter } from '../../src/transport/socket-writer.ts';
import { WriteQueue } from '../../src/transport/write-queue.ts';

export interface RecordingWriter {
  readonly writer: SocketWriter;
  /** One entry for each write to the socket, as latin-1 text. */
  readonly writes: string[];
  /** Flushes, and hands over everything so far. */
  text(): string;
}

export function recordingWriter(): RecordingWriter {
  const writes: string[] = [];
  const sink = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      writes.push(typeof chunk === 'string' ? chunk : chunk.toString('latin1'));
      done();
    },
  });
  // Of a socket the writer uses nothing but what every writable stream has.
  const writer = new SocketWriter(sink as unknown as Socket, new WriteQueue());
  const text = (): string => {
    writer.flush();
    return writes.join('');
  };
  return { writer, writes, text };
}
