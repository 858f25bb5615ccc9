/**
 * Reads the field lines of a head or of trailers in one pass over the bytes: validates names and
 * values, and picks up on the way the few fields that frame the message or steer the connection.
 */

import { authorityChar, isAll, tokenChar, valueChar } from './char-table.ts';
import type { CodecErrorCode } from './codec-error.ts';
import { parseConnection } from './connection-options.ts';
import { HeaderList } from './header-list.ts';
import { fieldId, findKnownField } from './known-fields.ts';
import { metFields } from './met-fields.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const colon = 0x3a;

/** Results of `scan` that are not positions. */
export const incomplete = -1;
export const failed = -2;

export class FieldScanner {
  /** Set when `scan` returned `failed`. */
  error: CodecErrorCode = 'bad_field_name';
  /** Value of the last Host line. */
  host: string | undefined = undefined;
  /** What is wrong with the Host lines; a response may have any. */
  hostError: CodecErrorCode | null = null;
  /** -1 if there is no Content-Length. */
  contentLength = -1;
  hasTransferEncoding = false;
  /** False as soon as anything but exactly one `chunked` was named. */
  isChunked = false;
  /** All Connection lines joined with `,`. */
  connection: string | null = null;
  /** `Proxy-Connection: close`, which old clients of proxies send. */
  proxyClose = false;
  /** All Upgrade lines joined with `,`. */
  upgrade: string | null = null;
  readonly #countMax: number;
  /** null before the first line. */
  #headers: HeaderList | null = null;
  #text = '';
  #textStart = 0;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get headers(): HeaderList {
    this.#headers ??= new HeaderList();
    return this.#headers;
  }

  /** Forgets the last block. `text` is the latin1 text of the bytes from `textStart` on. */
  begin(text: string, textStart: number): void {
    this.#text = text;
    this.#textStart = textStart;
    this.#headers = null;
    this.host = undefined;
    this.hostError = null;
    this.contentLength = -1;
    this.hasTransferEncoding = false;
    this.isChunked = false;
    this.connection = null;
    this.proxyClose = false;
    this.upgrade = null;
  }

  /**
   * Reads lines up to and with the empty one. Returns the position behind it, `incomplete` or
   * `failed`. `end` must not lie beyond the text.
   */
  scan(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end) {
      if (bytes[at] === carriageReturn) {
        if (at + 1 === end) return incomplete;
        return bytes[at + 1] === lineFeed ? at + 2 : this.#fail('bad_line_ending');
      }
      const nameStart = at;
      while (at < end && tokenChar[bytes[at] as number] === 1) at++;
      if (at === end) return incomplete;
      if (bytes[at] !== colon || at === nameStart) return this.#failName(bytes, nameStart, at);
      const nameEnd = at++;
      while (at < end && isBlank(bytes[at] as number)) at++;
      const valueStart = at;
      while (at < end && valueChar[bytes[at] as number] === 1) at++;
      if (at === end) return incomplete;
      if (bytes[at] !== carriageReturn) return this.#failValue(bytes[at] as number);
      if (at + 1 === end) return incomplete;
      if (bytes[at + 1] !== lineFeed) return this.#fail('bad_line_ending');
      let valueEnd = at;
      while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1] as number)) valueEnd--;
      at += 2;
      const value = this.#text.slice(valueStart - this.#textStart, valueEnd - this.#textStart);
      if (!this.#add(bytes, nameStart, nameEnd, value)) return failed;
    }
    return incomplete;
  }

  #add(bytes: Buffer, nameStart: number, nameEnd: number, value: string): boolean {
    const headers = this.#headers;
    if (headers !== null && headers.size >= this.#countMax) {
      return this.#refuse('too_many_headers');
    }
    const known = findKnownField(bytes, nameStart, nameEnd);
    const name = known === null ? metFields.meet(bytes, nameStart, nameEnd) : known.name;
    // V8 makes room for half as many again and 16 more when a list is full. One that begins with a
    // line is so at the second, which makes room for 11 of them; an empty one stops at 9, and many
    // requests have 10 when the proxy has added its own.
    if (headers === null) this.#headers = new HeaderList([name, value]);
    else headers.flat.push(name, value);
    if (known === null) return true;
    return known.id === fieldId.other || this.#note(known.id, value);
  }

  #note(id: number, value: string): boolean {
    switch (id) {
      case fieldId.host:
        if (!isAll(value, authorityChar)) this.hostError = 'bad_host';
        else if (this.host !== undefined) this.hostError = 'repeated_host';
        this.host = value;
        return true;
      case fieldId.contentLength:
        if (this.contentLength !== -1) return this.#refuse('repeated_content_length');
        this.contentLength = parseLength(value);
        return this.contentLength !== -1 || this.#refuse('bad_content_length');
      case fieldId.transferEncoding:
        this.isChunked = !this.hasTransferEncoding && isToken(value, 'chunked');
        this.hasTransferEncoding = true;
        return true;
      case fieldId.connection:
        this.connection = this.connection === null ? value : `${this.connection},${value}`;
        return true;
      case fieldId.upgrade:
        this.upgrade = this.upgrade === null ? value : `${this.upgrade},${value}`;
        return true;
      default:
        if (parseConnection(value).close) this.proxyClose = true;
        return true;
    }
  }

  #failName(bytes: Buffer, nameStart: number, at: number): number {
    const isFirst = at === nameStart;
    if (isFirst && isBlank(bytes[at] as number)) return this.#fail('obsolete_folding');
    if (bytes[at] === lineFeed) return this.#fail('bad_line_ending');
    return this.#fail('bad_field_name');
  }

  #failValue(code: number): number {
    return this.#fail(code === lineFeed ? 'bad_line_ending' : 'bad_field_value');
  }

  #fail(error: CodecErrorCode): number {
    this.error = error;
    return failed;
  }

  #refuse(error: CodecErrorCode): boolean {
    this.error = error;
    return false;
  }
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}

/** Compares without case; `token` is in lower case. */
function isToken(value: string, token: string): boolean {
  return value === token || (value.length === token.length && value.toLowerCase() === token);
}

/**
 * Content-Length as 1*DIGIT below 2^53, else -1: no sign, no list, no blank. Lists of equal values
 * may be accepted by RFC 9110 section 8.6; Envoy refuses them and so do we.
 */
function parseLength(value: string): number {
  if (value.length === 0) return -1;
  let length = 0;
  for (let i = 0; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
    if (length > Number.MAX_SAFE_INTEGER) return -1;
  }
  return length;
}
