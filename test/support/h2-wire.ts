/** A client of HTTP/2 that sends the frames it is told to, and collects those that come. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Test } from 'tap';
import { type Frame, parseFrames, preface, settings, settingsAck } from '../http2/frames.ts';
import { eventually } from './deadline.ts';

const headerBytes = 9;

export class H2Wire {
  readonly socket: Socket;
  /** The other side has ended, or the connection is gone. */
  ended = false;
  /** Everything that has come, as far as it is complete. */
  readonly frames: Frame[] = [];
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', () => undefined);
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.ended = true;
      });
    }
  }

  /** Connected, and past both prefaces. `values` are the client's SETTINGS. */
  static async open(
    t: Test,
    port: number,
    values: Parameters<typeof settings>[0] = {},
  ): Promise<H2Wire> {
    const wire = await H2Wire.connect(t, port);
    wire.send(preface, settings(values), settingsAck);
    await wire.until('SETTINGS', () => wire.frames.length > 1);
    return wire;
  }

  /** Connected, and nothing said. It does not end by itself when the other side does. */
  static async connect(t: Test, port: number): Promise<H2Wire> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    return new H2Wire(socket);
  }

  /** All in one piece. */
  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** `TYPE STREAM` of what has come, without the frames of both prefaces. */
  get received(): readonly string[] {
    return this.frames
      .filter(({ type }) => type !== 'settings' && type !== 'windowUpdate')
      .map(({ type, streamId }) => `${type} ${streamId}`);
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    await eventually(what, { within: 5_000, every: 1 }, holds);
  }

  /** A frame of the type has come. */
  async untilFrame(type: string): Promise<Frame> {
    const find = (): Frame | undefined => this.frames.find((frame) => frame.type === type);
    await this.until(type, () => find() !== undefined);
    return find() as Frame;
  }

  #receive(bytes: Buffer): void {
    const all = Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (at + headerBytes <= all.length) {
      const next = at + headerBytes + all.readUIntBE(at, 3);
      if (next > all.length) break;
      at = next;
    }
    this.frames.push(...parseFrames(all.subarray(0, at)));
    this.#rest = all.subarray(at);
  }
}
