/**
 * Reads HTTP/1.1 messages from bytes, for tests: strictly, independently of the code under test,
 * and keeping names, order and repetition as they were on the wire.
 */

export type HeaderPair = readonly [name: string, value: string];

export interface MessageHead {
  /** The first line without its line end. */
  readonly startLine: string;
  readonly headers: readonly HeaderPair[];
}

export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a field value must not hold them.
const badValue = /[\x00-\x08\x0a-\x1f\x7f]/;

/** The first value of a header, null without it; names are compared without case. */
export function headerValue(headers: readonly HeaderPair[], name: string): string | null {
  const wanted = name.toLowerCase();
  return headers.find(([key]) => key.toLowerCase() === wanted)?.[1] ?? null;
}

export function headerValues(headers: readonly HeaderPair[], name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}

/** Parses a head without its final empty line; throws where RFC 9112 does not allow the bytes. */
export function parseHead(text: string): MessageHead {
  const [startLine = '', ...lines] = text.split('\r\n');
  if (/[\r\n]/.test(startLine)) throw new Error('bare CR or LF in the first line');
  const headers = lines.map((line): HeaderPair => {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
    if (colon < 1 || !token.test(name)) throw new Error(`bad header line ${JSON.stringify(line)}`);
    if (badValue.test(value)) throw new Error(`bad header value ${JSON.stringify(line)}`);
    return [name, value];
  });
  return { startLine, headers };
}

/** Framing of a message by its headers, for a request or a response with a body allowed. */
export function bodyFraming(head: MessageHead, side: 'request' | 'response'): BodyFraming {
  const lengths = headerValues(head.headers, 'content-length');
  const encodings = headerValues(head.headers, 'transfer-encoding');
  if (encodings.length > 0) {
    if (lengths.length > 0) throw new Error('Content-Length beside Transfer-Encoding');
    if (encodings.join(',').toLowerCase() !== 'chunked') throw new Error('unknown encoding');
    return { kind: 'chunked' };
  }
  if (lengths.length > 1) throw new Error('repeated Content-Length');
  const [length] = lengths;
  if (length !== undefined) {
    if (!/^\d+$/.test(length)) throw new Error(`bad Content-Length ${JSON.stringify(length)}`);
    return { kind: 'length', length: Number(length) };
  }
  return side === 'request' ? { kind: 'none' } : { kind: 'until-close' };
}

export interface Chunk {
  readonly data: Buffer;
  /** Offset behind the chunk. */
  readonly end: number;
}

/** One chunk from `offset`, or null while it is not complete. The last chunk has no data. */
export function readChunk(bytes: Buffer, offset: number): Chunk | null {
  const lineEnd = bytes.indexOf('\r\n', offset, 'latin1');
  if (lineEnd < 0) return null;
  const size = bytes.toString('latin1', offset, lineEnd);
  if (!/^[0-9a-fA-F]{1,12}$/.test(size)) throw new Error(`bad chunk size ${JSON.stringify(size)}`);
  const length = Number.parseInt(size, 16);
  const start = lineEnd + 2;
  if (length === 0) return { data: Buffer.alloc(0), end: start };
  if (bytes.length < start + length + 2) return null;
  if (bytes.toString('latin1', start + length, start + length + 2) !== '\r\n') {
    throw new Error('chunk does not end with CRLF');
  }
  return { data: bytes.subarray(start, start + length), end: start + length + 2 };
}

/** Trailers from `offset` to the empty line, or null while they are not complete. */
export function readTrailers(
  bytes: Buffer,
  offset: number,
): { trailers: readonly HeaderPair[]; end: number } | null {
  if (bytes.toString('latin1', offset, offset + 2) === '\r\n') {
    return { trailers: [], end: offset + 2 };
  }
  const end = bytes.indexOf('\r\n\r\n', offset, 'latin1');
  if (end < 0) return null;
  const head = parseHead(`trailers\r\n${bytes.toString('latin1', offset, end)}`);
  return { trailers: head.headers, end: end + 4 };
}

/** The bytes so far are well-formed, but the message does not end. */
export class IncompleteMessageError extends Error {}

export interface ReadRequest extends MessageHead {
  readonly body: Buffer;
  readonly trailers: readonly HeaderPair[];
}

/**
 * All requests in `bytes`, which must be complete and strictly well-formed to the last byte:
 * what an origin got through a proxy must parse like this, or something was smuggled.
 */
export function parseRequestsStrictly(bytes: Buffer): ReadRequest[] {
  const requests: ReadRequest[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const { request, end } = readRequestStrictly(bytes, offset);
    requests.push(request);
    offset = end;
  }
  return requests;
}

/** The request at `offset`; an IncompleteMessageError where it does not end within `bytes`. */
export function readRequestStrictly(
  bytes: Buffer,
  offset: number,
): { readonly request: ReadRequest; readonly end: number } {
  const end = bytes.indexOf('\r\n\r\n', offset, 'latin1');
  if (end < 0) throw new IncompleteMessageError('incomplete request head');
  const head = parseHead(bytes.toString('latin1', offset, end));
  if (!/^[!-~]+ [!-~]+ HTTP\/1\.1$/.test(head.startLine)) {
    throw new Error(`bad request line ${JSON.stringify(head.startLine)}`);
  }
  if (headerValues(head.headers, 'host').length !== 1) throw new Error('not exactly one Host');
  const body = readWholeBody(bytes, end + 4, bodyFraming(head, 'request'));
  return { request: { ...head, body: body.data, trailers: body.trailers }, end: body.end };
}

function readWholeBody(
  bytes: Buffer,
  start: number,
  framing: BodyFraming,
): { data: Buffer; trailers: readonly HeaderPair[]; end: number } {
  if (framing.kind === 'length') {
    const end = start + framing.length;
    if (bytes.length < end) throw new IncompleteMessageError('incomplete body');
    return { data: bytes.subarray(start, end), trailers: [], end };
  }
  if (framing.kind !== 'chunked') return { data: Buffer.alloc(0), trailers: [], end: start };
  const parts: Buffer[] = [];
  let offset = start;
  for (;;) {
    const chunk = readChunk(bytes, offset);
    if (chunk === null) throw new IncompleteMessageError('incomplete chunked body');
    offset = chunk.end;
    if (chunk.data.length === 0) break;
    parts.push(chunk.data);
  }
  const tail = readTrailers(bytes, offset);
  if (tail === null) throw new IncompleteMessageError('incomplete trailers');
  return { data: Buffer.concat(parts), trailers: tail.trailers, end: tail.end };
}
