/**
 * Reads one chunk-size line byte by byte, so that a line may be split anywhere: size, extensions
 * by the grammar of RFC 9112 section 7.1.1, CR LF. Extensions are checked and dropped.
 */

import { tokenChar, valueChar } from './char-table.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const semicolon = 0x3b;
const equals = 0x3d;
const backslash = 0x5c;

/** Value of a hexadecimal digit by byte, -1 for other bytes. */
const hexDigit: Int8Array = Int8Array.from({ length: 256 }, (_, code) => {
  const letter = String.fromCharCode(code);
  return /[0-9A-Fa-f]/.test(letter) ? Number.parseInt(letter, 16) : -1;
});

/** States of the line; `done` and `bad` end it. */
const sizeFirst = 0;
const size = 1;
const nameFirst = 2;
const name = 3;
const valueFirst = 4;
const value = 5;
const quoted = 6;
const escaped = 7;
const valueEnd = 8;
const lineEnd = 9;
const done = 10;
const bad = 11;

export class ChunkLine {
  /** Bytes of data in the chunk; 0 is the last chunk. */
  size = 0;
  /** Bytes of the line read so far. */
  length = 0;
  #state = sizeFirst;

  get isDone(): boolean {
    return this.#state === done;
  }

  get isBad(): boolean {
    return this.#state === bad;
  }

  begin(): void {
    this.size = 0;
    this.length = 0;
    this.#state = sizeFirst;
  }

  /** Reads until the line is done or bad or there are no more bytes; returns the new position. */
  read(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && this.#state < done) this.#state = this.#step(bytes[at++] as number);
    this.length += at - start;
    return at;
  }

  #step(code: number): number {
    switch (this.#state) {
      case sizeFirst:
        return (hexDigit[code] as number) === -1 ? bad : this.#addDigit(code);
      case size:
        if (code === carriageReturn) return lineEnd;
        if (code === semicolon) return nameFirst;
        return (hexDigit[code] as number) === -1 ? bad : this.#addDigit(code);
      case lineEnd:
        return code === lineFeed ? done : bad;
      default:
        return stepExtension(this.#state, code);
    }
  }

  #addDigit(code: number): number {
    this.size = this.size * 16 + (hexDigit[code] as number);
    return this.size > Number.MAX_SAFE_INTEGER ? bad : size;
  }
}

/** `*( ";" BWS name [ "=" value ] )`; blanks are taken after `;` only, where clients put them. */
function stepExtension(state: number, code: number): number {
  const isToken = tokenChar[code] === 1;
  switch (state) {
    case nameFirst:
      if (code === space || code === tab) return nameFirst;
      return isToken ? name : bad;
    case name:
      if (code === equals) return valueFirst;
      return isToken ? name : endOfExtension(code);
    case valueFirst:
      if (code === quote) return quoted;
      return isToken ? value : bad;
    case value:
      return isToken ? value : endOfExtension(code);
    case quoted:
      if (code === quote) return valueEnd;
      if (code === backslash) return escaped;
      return valueChar[code] === 1 ? quoted : bad;
    case escaped:
      return valueChar[code] === 1 ? quoted : bad;
    default:
      return endOfExtension(code);
  }
}

function endOfExtension(code: number): number {
  if (code === carriageReturn) return lineEnd;
  return code === semicolon ? nameFirst : bad;
}
