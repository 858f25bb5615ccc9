/** Reads the request line (RFC 9112 section 3), refusing what a strict reader may refuse. */

import { targetChar, tokenChar } from './char-table.ts';
import type { CodecErrorCode } from './codec-error.ts';
import { failed, incomplete } from './field-scanner.ts';
import { knownMethod } from './method.ts';
import { type AbsoluteTarget, isHostAndPort, parseAbsoluteTarget } from './target.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const hash = 0x23;
const slash = 0x2f;

const currentVersion = 'HTTP/1.1';
/** How nearly every request line ends, from behind the target. */
const usualEnd: readonly number[] = [...Buffer.from(` ${currentVersion}\r\n`, 'latin1')];
const wellFormedVersion = /^HTTP\/\d\.\d$/;

export class RequestLine {
  method = '';
  /** The path with its query; `*` of OPTIONS, host and port of CONNECT. Without a fragment. */
  target = '';
  /** Of an absolute-form target; null for the others. */
  absolute: AbsoluteTarget | null = null;
  /** `HTTP/1.1`, another well-formed version, or empty for HTTP/0.9. */
  version = '';
  /** Set when `read` returned `failed`. */
  error: CodecErrorCode = 'bad_method';
  #end = 0;
  #targetStart = 0;
  #targetEnd = 0;
  #hasFragment = false;

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
    this.absolute = null;
    if (bytes[this.#targetStart] !== slash || this.method === 'CONNECT') {
      const error = this.#takeOtherForm();
      if (error !== null) return this.#fail(error);
    }
    if (endsAsUsual(bytes, targetEnd, this.#end)) {
      this.version = currentVersion;
      return targetEnd + usualEnd.length;
    }
    return this.#readVersion(bytes, targetEnd, text);
  }

  /** Returns the position behind the spaces that follow the method. */
  #readMethod(bytes: Buffer, start: number, text: string): number {
    const end = this.#end;
    let at = start;
    while (at < end && tokenChar[bytes[at] as number] === 1) at++;
    // Every known method begins with a capital: other protocols and blank lines show at once.
    if (at === end && isCapital(bytes[start] as number)) return incomplete;
    const method = isGet(bytes, start, at) ? 'GET' : knownMethod(text.slice(0, at - start));
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
    this.#hasFragment = fragmentStart !== -1;
    this.#targetEnd = fragmentStart === -1 ? at : fragmentStart;
    return at;
  }

  /** Every form but the usual one, which begins with a slash (RFC 9112 section 3.2). */
  #takeOtherForm(): CodecErrorCode | null {
    const { method, target } = this;
    if (method === 'CONNECT') return isHostAndPort(target) ? null : 'bad_target_form';
    if (target === '*') return method === 'OPTIONS' ? null : 'bad_target_form';
    const parsed = parseAbsoluteTarget(target);
    if (typeof parsed === 'string') return parsed;
    // Right behind the authority Envoy takes it for a part of the host.
    const isInHost = this.#hasFragment && target.endsWith(parsed.authority);
    if (isInHost) return 'bad_target_form';
    this.absolute = parsed;
    this.target = parsed.path;
    return null;
  }

  /** From behind the target to the end of the line. */
  #readVersion(bytes: Buffer, targetEnd: number, text: string): number {
    const end = this.#end;
    const versionStart = bytes[targetEnd] === space ? targetEnd + 1 : targetEnd;
    let at = versionStart;
    while (at < end && targetChar[bytes[at] as number] === 1) at++;
    if (at === end) return incomplete;
    if (bytes[at] === lineFeed) return this.#fail('bad_line_ending');
    this.version = text.slice(text.length - (end - versionStart), text.length - (end - at));
    // HTTP/0.9 ends its line behind the target.
    const isWellFormed = at === targetEnd || wellFormedVersion.test(this.version);
    if (!isWellFormed || bytes[at] !== carriageReturn) return this.#fail('bad_version');
    if (at + 1 === end) return incomplete;
    return bytes[at + 1] === lineFeed ? at + 2 : this.#fail('bad_line_ending');
  }

  #fail(error: CodecErrorCode): number {
    this.error = error;
    return failed;
  }
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isGet(bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== 3) return false;
  return bytes[start] === 0x47 && bytes[start + 1] === 0x45 && bytes[start + 2] === 0x54;
}

function endsAsUsual(bytes: Buffer, at: number, end: number): boolean {
  if (end - at < usualEnd.length) return false;
  for (let i = 0; i < usualEnd.length; i++) {
    if (bytes[at + i] !== usualEnd[i]) return false;
  }
  return true;
}
