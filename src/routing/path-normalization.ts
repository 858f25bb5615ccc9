/**
 * Brings the path of a request into the form on which routes are matched and which is sent
 * upstream (Istio MeshConfig.pathNormalization). BASE is what Envoy's normalize_path does:
 * Chromium's canonical form of URL paths.
 */

import type { PathNormalization } from '../model/http-settings.ts';

const slash = 0x2f;
const backslash = 0x5c;
const percent = 0x25;
const dot = 0x2e;

/** What the canonical form does with a character of the path. */
const kept = 0;
/** `.`, `\` and `%` depend on what stands beside them; NUL is refused. */
const special = 1;
const escaped = 2;

const charClass = classifyChars();
/** Unreserved characters of RFC 3986 but the dot: written plainly even where they came escaped. */
const isPlain = charSet(/[A-Za-z0-9_~-]/);

/**
 * The normalised form of `path`, which may have a query and a fragment; the query stays as it is
 * and the fragment is dropped. null if the path cannot be normalised: the answer is 400
 * path_normalization_failed.
 */
export function normalizePath(path: string, mode: PathNormalization): string | null {
  const fragmentAt = path.indexOf('#');
  const whole = fragmentAt < 0 ? path : path.slice(0, fragmentAt);
  if (mode === 'NONE') return whole;
  const queryAt = whole.indexOf('?');
  const given = queryAt < 0 ? whole : whole.slice(0, queryAt);
  const pathname = normalizePathname(given, mode);
  if (pathname === null || pathname === given) return pathname === null ? null : whole;
  return queryAt < 0 ? pathname : pathname + whole.slice(queryAt);
}

function normalizePathname(given: string, mode: PathNormalization): string | null {
  const unescaped = mode === 'DECODE_AND_MERGE_SLASHES' ? unescapeSlashes(given) : given;
  const canonical = isCanonical(unescaped) ? unescaped : canonicalPath(unescaped);
  return canonical === null || mode === 'BASE' ? canonical : mergeSlashes(canonical);
}

/** A segment that begins with a dot, or a character that the canonical form may change. */
const maybeUncanonical = /\/\.|[^A-Za-z0-9!$&'()*+,\-./:;=@[\]_~]/;

/** Most paths are canonical as they come: they are recognised without being written anew. */
function isCanonical(path: string): boolean {
  return path.charCodeAt(0) === slash && !maybeUncanonical.test(path);
}

function unescapeSlashes(path: string): string {
  if (!path.includes('%')) return path;
  return path.replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\');
}

/** As Envoy: a path that ends in slashes keeps one of them, and one of slashes alone keeps two. */
function mergeSlashes(path: string): string {
  if (!path.includes('//')) return path;
  const segments = path.split('/').filter((segment) => segment !== '');
  const first = path.startsWith('/') ? '/' : '';
  const last = path.endsWith('/') ? '/' : '';
  return first + segments.join('/') + last;
}

/** null if the path holds a NUL, plain or escaped. */
function canonicalPath(path: string): string | null {
  const writer = new PathWriter(path);
  return writer.write() ? writer.text() : null;
}

/** Dot segments, as `.` or `%2e`, before a slash, a backslash or the end. */
const dotSegment = /^(?:\.|%2e)(?:[/\\]|$)/i;
const doubleDotSegment = /^(?:\.|%2e)(?:\.|%2e)(?:[/\\]|$)/i;
/** Longest dot segment: `%2e%2e/`. */
const longestDotSegment = 7;

class PathWriter {
  readonly #input: string;
  readonly #output: Buffer;
  #at = 0;
  #length = 0;
  /** Where the output has a `%` that began no valid escape in the input. */
  #strayPercent = Number.NEGATIVE_INFINITY;

  constructor(input: string) {
    this.#input = input;
    // Escaping makes three characters of one, and a slash may be added at the front.
    this.#output = Buffer.allocUnsafe(3 * input.length + 4);
  }

  text(): string {
    return this.#output.toString('latin1', 0, this.#length);
  }

  /** False for a path that is refused. */
  write(): boolean {
    const input = this.#input;
    const first = input.charCodeAt(0);
    if (first !== slash && first !== backslash) this.#push(slash);
    while (this.#at < input.length) {
      const code = input.charCodeAt(this.#at) & 0xff;
      const kind = charClass[code];
      if (kind === kept) {
        this.#push(code);
        this.#at++;
      } else if (kind === escaped) {
        this.#pushEscaped(code);
        this.#at++;
      } else if (!this.#writeSpecial(code)) return false;
    }
    return true;
  }

  #writeSpecial(code: number): boolean {
    if (code === 0) return false;
    if (code === backslash) {
      this.#push(slash);
      this.#at++;
      return true;
    }
    const dotLength = this.#dotLength(code);
    if (dotLength === 0) return this.#writePercent();
    if (this.#output[this.#length - 1] === slash && this.#skipDotSegment()) return true;
    this.#push(dot);
    this.#at += dotLength;
    return true;
  }

  /** Length of the dot at the current place, plain or escaped; 0 if there is none. */
  #dotLength(code: number): number {
    if (code === dot) return 1;
    return this.#escapedAt(this.#at) === dot ? 3 : 0;
  }

  #skipDotSegment(): boolean {
    const ahead = this.#input.slice(this.#at, this.#at + longestDotSegment);
    const single = dotSegment.exec(ahead);
    if (single !== null) {
      this.#at += single[0].length;
      return true;
    }
    const double = doubleDotSegment.exec(ahead);
    if (double === null) return false;
    this.#at += double[0].length;
    this.#backUpToSlash();
    return true;
  }

  /** The output ends in a slash: drops the segment before it, if there is one. */
  #backUpToSlash(): void {
    if (this.#length <= 1) return;
    let length = this.#length - 1;
    while (length > 1 && this.#output[length - 1] !== slash) length--;
    this.#length = length;
    if (this.#strayPercent >= length) this.#strayPercent = Number.NEGATIVE_INFINITY;
  }

  #writePercent(): boolean {
    const value = this.#escapedAt(this.#at);
    if (value === -1) {
      this.#strayPercent = this.#length;
      this.#push(percent);
      this.#at++;
      return true;
    }
    if (value === 0) return false;
    if (isPlain[value] === 1) {
      this.#push(value);
      this.#at += 3;
      if (this.#strayPercent >= this.#length - 3) this.#escapeStrayPercent();
      return true;
    }
    // Other escapes keep the case of their digits: an upstream may care.
    for (let i = 0; i < 3; i++) this.#push(this.#input.charCodeAt(this.#at + i));
    this.#at += 3;
    return true;
  }

  /**
   * `%%30%30` must not become `%00`: where a character that was just unescaped completes an escape
   * with an earlier stray `%`, that `%` becomes `%25`, so that the path means the same when it is
   * normalised again.
   */
  #escapeStrayPercent(): void {
    const output = this.#output;
    const stray = this.#strayPercent;
    const first = output[stray + 1] as number;
    const second =
      stray === this.#length - 2 ? this.#input.charCodeAt(this.#at) : (output[stray + 2] as number);
    if (hexValue(first) < 0 || hexValue(second) < 0) return;
    output.write('25', stray + 1, 'latin1');
    // The next character of the input, if it is the second digit, is still to be written.
    const digits = this.#length - stray - 1;
    output[stray + 3] = first;
    if (digits === 2) output[stray + 4] = second;
    this.#length += 2;
    this.#strayPercent = Number.NEGATIVE_INFINITY;
  }

  /** Value of the valid escape at `at`, or -1. */
  #escapedAt(at: number): number {
    if (this.#input.charCodeAt(at) !== percent) return -1;
    const high = hexValue(this.#input.charCodeAt(at + 1));
    const low = hexValue(this.#input.charCodeAt(at + 2));
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }

  #push(code: number): void {
    this.#output[this.#length++] = code;
  }

  #pushEscaped(code: number): void {
    this.#push(percent);
    this.#length += this.#output.write(hexByte(code), this.#length, 'latin1');
  }
}

/** -1 for anything but a hexadecimal digit, the end of the text (NaN) included. */
function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function hexByte(code: number): string {
  return code.toString(16).toUpperCase().padStart(2, '0');
}

function classifyChars(): Uint8Array {
  const classes = new Uint8Array(256).fill(escaped);
  const keptChars = charSet(/[A-Za-z0-9!$&'()*+,\-/:;=@[\]_~]/);
  for (let code = 0; code < 256; code++) if (keptChars[code] === 1) classes[code] = kept;
  for (const code of [0, dot, backslash, percent]) classes[code] = special;
  return classes;
}

function charSet(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) =>
    pattern.test(String.fromCharCode(code)) ? 1 : 0,
  );
}
