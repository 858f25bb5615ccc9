/**
 * Tells whether a connection begins like HTTP, as Envoy's HTTP inspector does: by the HTTP/2
 * preface or the first line of an HTTP/1.1 request. HTTP/1.0 is not asked for by any filter chain
 * that Istio makes, so it is no HTTP here.
 */

import { beginsMethod, knownMethod } from '../http1/method.ts';

/** `incomplete`: more bytes will tell. */
export type HttpDetection = 'http' | 'not-http' | 'incomplete';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const versionText = 'HTTP/1.1';
const space = 0x20;

/** Longer than any method that is known. */
const methodBytesMax = 32;

/** Looks at the first bytes of a connection as they grow. */
export class HttpDetector {
  /** Where the target begins, and how far it has been read; 0 before. */
  #target = 0;
  #at = 0;

  /** `bytes`: everything so far. */
  read(bytes: Buffer): HttpDetection {
    if (this.#target > 0) return this.#readTarget(bytes);
    const start = bytes.toString('latin1', 0, preface.length);
    if (preface.startsWith(start)) return start.length < preface.length ? 'incomplete' : 'http';
    const text = bytes.toString('latin1', 0, methodBytesMax);
    const end = text.indexOf(' ');
    if (end < 0) return beginsMethod(text) ? 'incomplete' : 'not-http';
    if (knownMethod(text.slice(0, end)) === undefined) return 'not-http';
    this.#target = end + 1;
    this.#at = this.#target;
    return this.#readTarget(bytes);
  }

  #readTarget(bytes: Buffer): HttpDetection {
    while (this.#at < bytes.length && isVisible(bytes[this.#at] as number)) this.#at++;
    const at = this.#at;
    if (at === bytes.length) return 'incomplete';
    if (at === this.#target || bytes[at] !== space) return 'not-http';
    const version = bytes.toString('latin1', at + 1, at + 2 + versionText.length);
    if (version.length <= versionText.length) {
      return versionText.startsWith(version) ? 'incomplete' : 'not-http';
    }
    const isWhole = version === `${versionText}\r` || version === `${versionText}\n`;
    return isWhole ? 'http' : 'not-http';
  }
}

/** Bytes beyond ASCII are for the HTTP parser to refuse. */
function isVisible(byte: number): boolean {
  return byte > space && byte !== 0x7f;
}
