/** Reads the request line (RFC 9112 section 3), refusing what a strict reader may refuse. */

import { targetChar, tokenChar } from './char-table.ts';
import type { CodecErrorCode } from './codec-error.ts';
import { failed, incomplete } from './field-scanner.ts';
import { knownMethod } from './method.ts';
import { findTargetError } from './target.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const hash = 0x23;
const slash = 0x2f;

const currentVersion = 'HTTP/1.1';
const wellFormedVersion = /^HTTP\/\d\.\d$/;

export class RequestLine {
  method = '';
  /** Without a fragment. */
  target = '';
  /** `HTTP/1.1`, another well-formed version, or empty for HTTP/0.9. */
  version = '';
  /** Set when `read` returned `failed`. */
  error: CodecErrorCode = 'bad_method';
  #end = 0;
  #targetStart = 0;
  #targetEnd = 0;

  /**
   * Reads the line that begins at `start`; `text` is the latin1 text of the bytes from there on.
   * Returns the position behind its CR LF, `incomplete` or `failed`.
   */
  read(bytes: Buffer, start: number, text: string): number {
    this.#end = start + text.length;
    const methodEnd = this.#readMethod(bytes, start, text);
    if (methodEnd < 0) return methodEnd;
    const targetEnd = this.#readTarget(bytes, methodEnd);
    if (targetEnd < 0) return targetEnd;
    this.target = text.slice(this.#targetStart - start, this.#targetEnd - start);
    if (bytes[this.#targetStart] !== slash || this.method === 'CONNECT') {
      const error = findTargetError(this.method, this.target);
      if (error !== null) return this.#fail(error);
    }
    const versionStart = bytes[targetEnd] === space ? targetEnd + 1 : targetEnd;
    const lineEnd = this.#readVersion(bytes, versionStart);
    if (lineEnd < 0) return lineEnd;
    this.version = text.slice(versionStart - start, lineEnd - start);
    if (this.version !== currentVersion && !this.#isWellFormed(bytes, targetEnd)) {
      return this.#fail('bad_version');
    }
    if (lineEnd + 1 >= this.#end) return incomplete;
    return bytes[lineEnd + 1] === lineFeed ? lineEnd + 2 : this.#fail('bad_line_ending');
  }

  /** Returns the position behind the spaces that follow the method. */
  #readMethod(bytes: Buffer, start: number, text: string): number {
    const end = this.#end;
    let at = start;
    while (at < end && tokenChar[bytes[at] as number] === 1) at++;
    // Every known method begins with a capital: other protocols and blank lines show at once.
    if (at === end && isCapital(bytes[start] as number)) return incomplete;
    const method = knownMethod(text.slice(0, at - start));
    if (method === undefined || bytes[at] !== space) return this.#fail('bad_method');
    this.method = method;
    // Envoy takes several spaces here; the line is written anew with one.
    while (at < end && bytes[at] === space) at++;
    return at;
  }

  /** Returns the position behind the target, which is a space or CR. */
  #readTarget(bytes: Buffer, start: number): number {
    const end = this.#end;
    let at = start;
    let fragmentStart = -1;
    while (at < end && targetChar[bytes[at] as number] === 1) {
      if (bytes[at] === hash && fragmentStart === -1) fragmentStart = at;
      at++;
    }
    if (at === end) return incomplete;
    if (bytes[at] === lineFeed) return this.#fail('bad_line_ending');
    const isEnd = bytes[at] === space || bytes[at] === carriageReturn;
    if (at === start || !isEnd) return this.#fail('bad_target');
    this.#targetStart = start;
    this.#targetEnd = fragmentStart === -1 ? at : fragmentStart;
    return at;
  }

  /** Returns the position of the CR. */
  #readVersion(bytes: Buffer, start: number): number {
    const end = this.#end;
    let at = start;
    while (at < end && targetChar[bytes[at] as number] === 1) at++;
    if (at === end) return incomplete;
    if (bytes[at] === carriageReturn) return at;
    return this.#fail(bytes[at] === lineFeed ? 'bad_line_ending' : 'bad_version');
  }

  #isWellFormed(bytes: Buffer, targetEnd: number): boolean {
    // HTTP/0.9: the line ends behind the target.
    if (bytes[targetEnd] === carriageReturn) return true;
    return wellFormedVersion.test(this.version);
  }

  #fail(error: CodecErrorCode): number {
    this.error = error;
    return failed;
  }
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}
