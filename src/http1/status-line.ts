/** Reads the status line (RFC 9112 section 4). */

import { valueChar } from './char-table.ts';
import type { CodecErrorCode } from './codec-error.ts';
import { failed, incomplete } from './field-scanner.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const digitZero = 0x30;

/** `HTTP/1.1 200`: everything before the reason. */
const statusBytes = 12;
const versionStart: readonly number[] = [...Buffer.from('HTTP/1.', 'latin1')];

export class StatusLine {
  status = 0;
  minorVersion: 0 | 1 = 1;
  reason = '';
  /** Set when `read` returned `failed`. */
  error: CodecErrorCode = 'bad_status_line';

  /** Returns the position behind the line, `incomplete` or `failed`. */
  read(bytes: Buffer, start: number, text: string): number {
    const end = start + text.length;
    if (text.length <= statusBytes) {
      // Something else than HTTP shows with its first byte.
      return text.startsWith('H') ? incomplete : this.#fail('bad_status_line');
    }
    if (!this.#readVersionAndStatus(bytes, start)) return this.#fail('bad_status_line');
    let at = start + statusBytes;
    while (at < end && valueChar[bytes[at] as number] === 1) at++;
    if (at === end || (bytes[at] === carriageReturn && at + 1 === end)) return incomplete;
    if (bytes[at] !== carriageReturn || bytes[at + 1] !== lineFeed) {
      return this.#fail('bad_line_ending');
    }
    // Some leave out the space where there is no reason; RFC 9112 section 4 asks for it.
    const reasonStart = start + statusBytes + 1;
    if (at >= reasonStart && bytes[reasonStart - 1] !== space) return this.#fail('bad_status_line');
    this.reason = isOk(bytes, reasonStart, at) ? 'OK' : text.slice(statusBytes + 1, at - start);
    return at + 2;
  }

  #readVersionAndStatus(bytes: Buffer, start: number): boolean {
    for (let i = 0; i < versionStart.length; i++) {
      if (bytes[start + i] !== versionStart[i]) return false;
    }
    const minor = (bytes[start + 7] as number) - digitZero;
    const first = (bytes[start + 9] as number) - digitZero;
    const second = (bytes[start + 10] as number) - digitZero;
    const third = (bytes[start + 11] as number) - digitZero;
    if ((minor !== 0 && minor !== 1) || bytes[start + 8] !== space) return false;
    if (first < 1 || first > 9 || !isDigit(second) || !isDigit(third)) return false;
    this.minorVersion = minor;
    this.status = first * 100 + second * 10 + third;
    return true;
  }

  #fail(error: CodecErrorCode): number {
    this.error = error;
    return failed;
  }
}

/** What nearly every response says, which needs no string of its own. */
function isOk(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 2 && bytes[start] === 0x4f && bytes[start + 1] === 0x4b;
}

function isDigit(value: number): boolean {
  return value >= 0 && value <= 9;
}
