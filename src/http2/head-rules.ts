/**
 * Which header blocks are well-formed HTTP (RFC 9113, section 8). One object serves all blocks of a
 * connection and keeps what it came across of the last one.
 */

import {
  authorityChar,
  isMadeOf,
  methodChar,
  nameChar,
  pathChar,
  schemeChar,
  valueChar,
} from './char-classes.ts';
import type { MalformedKind } from './session-errors.ts';

const colon = 0x3a;
const space = 0x20;
const tab = 0x09;

/** Fields that are judged by more than their bytes. */
const specialNames: ReadonlySet<string> = new Set([
  ...['content-length', 'host', 'te'],
  // RFC 9113, section 8.2.2.
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'],
]);

/** Fields that are remembered for each connection, and how long they may be. */
const knownMax = 32;
const knownLengthMax = 512;

export class HeadRules {
  /** -1 where the block has no content-length. */
  contentLength = -1;
  /** Of a response. */
  status = 0;

  readonly #countMax: number;
  #method: string | null = null;
  #scheme: string | null = null;
  #path: string | null = null;
  #authority: string | null = null;
  #protocol: string | null = null;
  #statusText: string | null = null;
  #host: string | null = null;
  #hosts = 0;
  #knownAuthority = '';
  /**
   * Fields that were found valid, where they stood: the blocks of a connection are much alike, and
   * what a table of HPACK gives again is the same string. null, which no field is, where nothing is
   * known yet.
   */
  readonly #known: (string | null)[] = new Array(knownMax * 2).fill(null);

  /** `countMax`: fields that a block may have; cookies, which clients split, do not count. */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** `allowsProtocol`: extended CONNECT is on (RFC 8441). */
  checkRequest(fields: readonly string[], allowsProtocol: boolean): MalformedKind | null {
    const fault = this.#read(fields);
    if (fault !== null) return fault;
    if (this.#statusText !== null || this.#method === null) return 'pseudo-field';
    if (!isMadeOf(this.#method, methodChar)) return 'method';
    if (this.#protocol !== null) {
      if (!allowsProtocol || this.#method !== 'CONNECT') return 'pseudo-field';
      if (!isMadeOf(this.#protocol, methodChar)) return 'pseudo-field';
    } else if (this.#method === 'CONNECT') {
      return this.#checkConnect();
    }
    return this.#checkTarget();
  }

  checkResponse(fields: readonly string[]): MalformedKind | null {
    const fault = this.#read(fields);
    if (fault !== null) return fault;
    const text = this.#statusText;
    if (text === null || this.#hasRequestField()) return 'pseudo-field';
    // RFC 9113, section 8.6: there is no switching of protocols.
    if (!/^[1-5]\d\d$/.test(text) || text === '101') return 'status';
    this.status = Number(text);
    return null;
  }

  checkTrailers(fields: readonly string[]): MalformedKind | null {
    const fault = this.#read(fields);
    if (fault !== null) return fault;
    const hasPseudoField = this.#statusText !== null || this.#hasRequestField();
    return hasPseudoField ? 'pseudo-field' : null;
  }

  /** RFC 9113, section 8.3.1. */
  #checkTarget(): MalformedKind | null {
    const path = this.#path;
    if (path === null || this.#scheme === null) return 'pseudo-field';
    if (!isScheme(this.#scheme)) return 'scheme';
    if (!isMadeOf(path, pathChar)) return 'path';
    if (!path.startsWith('/') && !(path === '*' && this.#method === 'OPTIONS')) return 'path';
    return this.#checkAuthority(this.#authority ?? this.#host);
  }

  /** RFC 9113, section 8.5. */
  #checkConnect(): MalformedKind | null {
    if (this.#path !== null || this.#scheme !== null) return 'pseudo-field';
    return this.#checkAuthority(this.#authority);
  }

  /** A host that `authority` replaces must be in order too, like in Envoy. */
  #checkAuthority(authority: string | null): MalformedKind | null {
    if (authority === null) return 'pseudo-field';
    if (this.#hosts > 1 || !this.#isAuthority(authority)) return 'authority';
    const host = this.#host;
    return host === null || this.#isAuthority(host) ? null : 'authority';
  }

  #isAuthority(text: string): boolean {
    if (text === this.#knownAuthority && text !== '') return true;
    if (!isMadeOf(text, authorityChar)) return false;
    this.#knownAuthority = text;
    return true;
  }

  #hasRequestField(): boolean {
    return (
      this.#method !== null ||
      this.#scheme !== null ||
      this.#path !== null ||
      this.#authority !== null ||
      this.#protocol !== null
    );
  }

  /** What is the same for all blocks: names, values, the order of pseudo-header fields. */
  #read(fields: readonly string[]): MalformedKind | null {
    this.#forget();
    if (fields.length > this.#countMax * 2 && this.#hasTooMany(fields)) return 'too-many-fields';
    let isRegular = false;
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] as string;
      const value = fields[i + 1] as string;
      if (name.charCodeAt(0) === colon) {
        if (isRegular || !this.#takePseudo(name, value)) return 'pseudo-field';
        continue;
      }
      isRegular = true;
      if (value === this.#known[i + 1] && name === this.#known[i]) continue;
      const fault = this.#checkField(name, value, i);
      if (fault !== null) return fault;
    }
    return null;
  }

  #hasTooMany(fields: readonly string[]): boolean {
    let count = 0;
    for (let i = 0; i < fields.length; i += 2) {
      if (fields[i] !== 'cookie') count++;
    }
    return count > this.#countMax;
  }

  #forget(): void {
    this.contentLength = -1;
    this.#method = null;
    this.#scheme = null;
    this.#path = null;
    this.#authority = null;
    this.#protocol = null;
    this.#statusText = null;
    this.#host = null;
    this.#hosts = 0;
  }

  /** False if the field is unknown, or was there before. */
  #takePseudo(name: string, value: string): boolean {
    switch (name) {
      case ':method':
        if (this.#method !== null) return false;
        this.#method = value;
        return true;
      case ':scheme':
        if (this.#scheme !== null) return false;
        this.#scheme = value;
        return true;
      case ':path':
        if (this.#path !== null) return false;
        this.#path = value;
        return true;
      case ':authority':
        if (this.#authority !== null) return false;
        this.#authority = value;
        return true;
      case ':protocol':
        if (this.#protocol !== null) return false;
        this.#protocol = value;
        return true;
      case ':status':
        if (this.#statusText !== null) return false;
        this.#statusText = value;
        return true;
      default:
        return false;
    }
  }

  #checkField(name: string, value: string, index: number): MalformedKind | null {
    if (!isMadeOf(name, nameChar)) return 'field-name';
    if (!isValue(value)) return 'field-value';
    if (specialNames.has(name)) return this.#takeSpecial(name, value);
    if (index < this.#known.length && name.length + value.length <= knownLengthMax) {
      this.#known[index] = name;
      this.#known[index + 1] = value;
    }
    return null;
  }

  #takeSpecial(name: string, value: string): MalformedKind | null {
    switch (name) {
      case 'content-length':
        return this.#takeContentLength(value) ? null : 'content-length';
      case 'host':
        this.#host = value;
        this.#hosts++;
        return null;
      case 'te':
        return value.toLowerCase() === 'trailers' ? null : 'connection-field';
      default:
        return 'connection-field';
    }
  }

  #takeContentLength(value: string): boolean {
    if (this.contentLength >= 0 || !/^\d+$/.test(value)) return false;
    this.contentLength = Number(value);
    return Number.isSafeInteger(this.contentLength);
  }
}

/** RFC 3986, section 3.1. */
function isScheme(text: string): boolean {
  if (text === 'http' || text === 'https') return true;
  return isMadeOf(text, schemeChar) && /^[A-Za-z]/.test(text);
}

/** RFC 9113, section 8.2.1: no control bytes, and no white space around it. */
function isValue(value: string): boolean {
  const length = value.length;
  if (length === 0) return true;
  if (!isMadeOf(value, valueChar)) return false;
  return !isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(length - 1));
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}
