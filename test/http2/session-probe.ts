/** A session whose events and frames tests can look at. */

import { HpackDecoder } from '../../src/http2/hpack-decoder.ts';
import { defaultHttp2Limits, type Http2Limits } from '../../src/http2/http2-limits.ts';
import { Http2Session } from '../../src/http2/http2-session.ts';
import { OutputSlabs } from '../../src/http2/output-slabs.ts';
import { errorCode, flag } from '../../src/http2/protocol.ts';
import type { Http2SessionError } from '../../src/http2/session-errors.ts';
import type {
  Http2Malformed,
  Http2Output,
  Http2SessionHandler,
  Http2Stream,
  Http2StreamHandler,
} from '../../src/http2/session-types.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { type Frame, parseFrames, preface, settings, settingsAck } from './frames.ts';
import { ample } from './hpack-blocks.ts';

interface ProbeOptions {
  readonly role?: 'client' | 'server';
  readonly limits?: Partial<Http2Limits>;
  readonly extendedConnect?: boolean;
  /** The answer to malformed messages. */
  readonly malformed?: 'reset' | 'close';
  /** No preface and no SETTINGS are exchanged yet. */
  readonly fresh?: boolean;
}

/** One stream, and what was heard of it. */
export class ProbeStream implements Http2StreamHandler {
  /** Set by `onStream` and by `open`. */
  stream: Http2Stream | null = null;
  readonly events: string[] = [];
  /** A test has sent its head. */
  started = false;
  received = Buffer.alloc(0);
  /** Called after every event. */
  react: (event: string, stream: Http2Stream) => void = () => {};

  get handle(): Http2Stream {
    if (this.stream === null) throw new Error('no stream yet');
    return this.stream;
  }

  onHeaders(fields: string[], endStream: boolean): void {
    this.#note(`headers ${fields.join(' ')}${endStream ? ' end' : ''}`);
  }

  onData(bytes: Buffer, start: number, end: number): void {
    this.received = Buffer.concat([this.received, bytes.subarray(start, end)]);
    this.#note(`data ${end - start}`);
  }

  onTrailers(fields: string[]): void {
    this.#note(`trailers ${fields.join(' ')}`);
  }

  onEnd(): void {
    this.#note('end');
  }

  onReset(code: number, origin: string): void {
    this.#note(`reset ${codeName(code)} ${origin}`);
  }

  onDrain(): void {
    this.#note('drain');
  }

  #note(event: string): void {
    this.events.push(event);
    if (this.stream !== null) this.react(event, this.stream);
  }
}

export function codeName(code: number): string {
  const known = Object.entries(errorCode).find(([, number]) => number === code);
  return known?.[0] ?? String(code);
}

export class SessionProbe implements Http2Output, Http2SessionHandler {
  readonly session: Http2Session;
  readonly clock = new ManualClock();
  readonly events: string[] = [];
  readonly streams = new Map<number, ProbeStream>();
  error: Http2SessionError | null = null;
  /** What the output has taken and the kernel has not; set by tests. */
  queuedBytes = 0;
  /** `flush` is wanted. */
  wantsFlush = false;
  writes: Buffer[] = [];
  /** Set on every new stream. */
  react: (event: string, stream: Http2Stream) => void = () => {};
  /** Called in `onStream`. */
  accept: (stream: Http2Stream, fields: string[], endStream: boolean) => boolean = () => true;
  readonly #malformed: 'reset' | 'close';
  readonly #decoder = new HpackDecoder({ maxTableBytes: 4096 });

  constructor(options: ProbeOptions = {}) {
    const { role = 'server', extendedConnect = false, malformed = 'reset' } = options;
    this.#malformed = malformed;
    this.session = new Http2Session({
      role,
      limits: { ...defaultHttp2Limits, ...options.limits },
      output: this,
      handler: this,
      clock: this.clock,
      slabs: new OutputSlabs(),
      extendedConnect,
    });
    if (options.fresh === true) return;
    this.session.start();
    if (role === 'server') this.receive(preface);
    this.receive(settings(), settingsAck);
    this.takeFrames();
    this.events.length = 0;
  }

  receive(...frames: Uint8Array[]): void {
    const bytes = Buffer.concat(frames);
    this.session.receive(bytes, 0, bytes.length);
    // It is the buffer of the next read.
    bytes.fill(0xee);
  }

  open(fields: readonly string[], endStream = true): ProbeStream {
    const stream = new ProbeStream();
    stream.react = this.react;
    stream.stream = this.session.openStream(fields, endStream, stream);
    if (stream.stream !== null) this.streams.set(stream.stream.id, stream);
    return stream;
  }

  /** A stream that was opened. */
  stream(id: number): ProbeStream {
    const stream = this.streams.get(id);
    if (stream === undefined) throw new Error(`stream ${id} was not opened`);
    return stream;
  }

  /** Flushes; returns all that was written since the last time. */
  takeBytes(): Buffer {
    this.wantsFlush = false;
    this.session.flush();
    const bytes = Buffer.concat(this.writes);
    this.writes = [];
    return bytes;
  }

  takeFrames(): Frame[] {
    const bytes = this.takeBytes();
    const hasPreface = bytes.subarray(0, preface.length).equals(preface);
    return parseFrames(hasPreface ? bytes.subarray(preface.length) : bytes);
  }

  /** The frames in words. */
  takeOutput(): string[] {
    return this.takeFrames().map((each) => this.#describe(each));
  }

  #describe({ type, flags, streamId, payload }: Frame): string {
    const ended = (flags & flag.endStream) !== 0;
    switch (type) {
      case 'data':
        return `${streamId} data ${payload.length}${ended ? ' end' : ''}`;
      case 'headers': {
        const fields = this.#decoder.decode(payload, 0, payload.length, ample);
        const text = Array.isArray(fields) ? fields.join(' ') : fields.message;
        return `${streamId} headers ${text}${ended ? ' end' : ''}`;
      }
      case 'rstStream':
        return `${streamId} reset ${codeName(payload.readUInt32BE())}`;
      case 'goaway':
        return `goaway ${payload.readUInt32BE()} ${codeName(payload.readUInt32BE(4))}`;
      case 'windowUpdate':
        return `${streamId} window ${payload.readUInt32BE()}`;
      case 'settings':
      case 'ping':
        return ended ? `${type} ack` : type;
      default:
        return `${streamId} ${type}`;
    }
  }

  requestFlush(): void {
    this.wantsFlush = true;
  }

  write(bytes: Buffer): void {
    // A copy, as of now: nothing is queued, as far as the session knows.
    this.writes.push(Buffer.from(bytes));
  }

  onStream(stream: Http2Stream, fields: string[], endStream: boolean): Http2StreamHandler | null {
    this.events.push(`stream ${stream.id} ${fields.join(' ')}${endStream ? ' end' : ''}`);
    const probe = new ProbeStream();
    probe.stream = stream;
    probe.react = this.react;
    this.streams.set(stream.id, probe);
    return this.accept(stream, fields, endStream) ? probe : null;
  }

  onMalformed(streamId: number, { kind }: Http2Malformed): 'reset' | 'close' {
    this.events.push(`malformed ${streamId} ${kind}`);
    return this.#malformed;
  }

  onPeerSettings(): void {
    this.events.push('settings');
  }

  onPingAck(): void {
    this.events.push('ping');
  }

  onGoaway(lastStreamId: number, code: number): void {
    this.events.push(`goaway ${lastStreamId} ${codeName(code)}`);
  }

  onStreamsIdle(): void {
    this.events.push('idle');
  }

  onSessionError(error: Http2SessionError): void {
    this.error = error;
    this.events.push(`error ${codeName(error.code)}`);
  }
}
