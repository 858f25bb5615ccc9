/**
 * gRPC-Web of one exchange: browsers cannot read trailers, so the client's side has them in the
 * body, and may have all of it in base64 (grpc/grpc doc/PROTOCOL-WEB.md; Envoy's grpc_web filter).
 */

import type { HeaderList } from '../../http1/header-list.ts';
import { chunkedBody, type RequestHead, type ResponseHead } from '../../http1/message-head.ts';
import type { ResponseFraming, ResponseWriter } from '../downstream/response-writer.ts';
import { grpcMessage, grpcStatusFor, isGrpc } from '../grpc.ts';
import { type LocalReply, localReply } from '../local-reply.ts';
import { Base64Reader } from './base64-reader.ts';
import { Base64Writer } from './base64-writer.ts';

const binary = 'application/grpc-web';
const text = 'application/grpc-web-text';
const types: ReadonlySet<string> = new Set([binary, `${binary}+proto`, text, `${text}+proto`]);

/** The first byte of the frame that has the trailers. */
const trailersFrame = 0x80;

/** Of an answer that is no gRPC, so much becomes grpc-message (Envoy's limit). */
const messageBytesMax = 16 * 1024;

export function isGrpcWeb(headers: HeaderList): boolean {
  return types.has(headers.get('content-type') ?? '');
}

function isText(type: string | undefined): boolean {
  return type === text || type === `${text}+proto`;
}

/** Makes the head one of gRPC; the reader of a body in base64, null where it is bytes. */
export function translateRequest(head: RequestHead): Base64Reader | null {
  const { headers } = head;
  const inText = isText(headers.get('content-type'));
  headers.set('content-type', 'application/grpc');
  headers.remove('content-length');
  headers.set('te', 'trailers');
  if (!headers.has('grpc-accept-encoding')) headers.append('grpc-accept-encoding', 'identity');
  if (head.framing.kind !== 'none') head.framing = chunkedBody;
  return inText ? new Base64Reader() : null;
}

/** The answer to a body that is no base64. */
export function base64Reply(details: string): LocalReply {
  return localReply(400, details, { body: 'Bad gRPC-web request, invalid base64 data.' });
}

interface HeldHead {
  readonly status: number;
  readonly headers: HeaderList;
}

/** Writes a response of gRPC as one of gRPC-Web. */
export class GrpcWebResponseWriter implements ResponseWriter {
  readonly #writer: ResponseWriter;
  /** null: bytes go out as they are. */
  readonly #base64: Base64Writer | null;
  readonly #type: string;
  /** The head of an answer that is no gRPC; its body becomes a message. */
  #held: HeldHead | null = null;
  #message = '';

  /** `accept`: the client's, which decides about base64. */
  constructor(writer: ResponseWriter, accept: string | undefined) {
    const inText = isText(accept);
    this.#writer = writer;
    this.#base64 = inText ? new Base64Writer() : null;
    this.#type = `${inText ? text : binary}+proto`;
  }

  get started(): boolean {
    return this.#writer.started;
  }

  get close(): boolean {
    return this.#writer.close;
  }

  set close(close: boolean) {
    this.#writer.close = close;
  }

  informational(head: ResponseHead): void {
    this.#writer.informational(head);
  }

  head(status: number, headers: HeaderList, framing: ResponseFraming): void {
    const isEmpty = framing === 'none' || framing === 'empty';
    const isTranslated = status === 200 && (isGrpc(headers) || isGrpcWeb(headers));
    headers.remove('content-length');
    headers.set('content-type', this.#type);
    if (isEmpty) this.#writer.head(status, headers, 'empty');
    else if (isTranslated) this.#writer.head(status, headers, 'chunked');
    else this.#held = { status, headers };
  }

  body(bytes: Buffer, start: number, end: number): void {
    if (this.#held !== null) {
      const until = Math.min(end, start + messageBytesMax - this.#message.length);
      this.#message += bytes.toString('latin1', start, until);
    } else this.#write(bytes, start, end);
  }

  text(body: string): void {
    const bytes = Buffer.from(body, 'latin1');
    this.body(bytes, 0, bytes.length);
  }

  end(trailers: HeaderList | null): void {
    if (this.#held !== null) {
      const { status, headers } = this.#held;
      headers.set('grpc-message', grpcMessage(this.#message));
      headers.set('grpc-status', String(grpcStatusFor(status)));
      this.#writer.head(status, headers, 'empty');
      this.#writer.end(null);
      return;
    }
    if (trailers !== null) {
      const frame = frameOf(trailers);
      this.#write(frame, 0, frame.length);
    }
    const rest = this.#base64?.end() ?? '';
    if (rest !== '') this.#writer.body(Buffer.from(rest, 'latin1'), 0, rest.length);
    this.#writer.end(null);
  }

  switchingProtocols(head: ResponseHead): void {
    this.#writer.switchingProtocols(head);
  }

  #write(bytes: Buffer, start: number, end: number): void {
    if (this.#base64 === null) {
      this.#writer.body(bytes, start, end);
      return;
    }
    const encoded = Buffer.from(this.#base64.push(bytes, start, end), 'latin1');
    if (encoded.length > 0) this.#writer.body(encoded, 0, encoded.length);
  }
}

/** Lines as in HTTP/1.1, behind a byte of flags and four of length. */
function frameOf(trailers: HeaderList): Buffer {
  const { flat } = trailers;
  let lines = '';
  for (let i = 0; i < flat.length; i += 2) lines += `${flat[i]}:${flat[i + 1]}\r\n`;
  const frame = Buffer.alloc(5 + lines.length);
  frame[0] = trailersFrame;
  frame.writeUInt32BE(lines.length, 1);
  frame.write(lines, 5, 'latin1');
  return frame;
}
