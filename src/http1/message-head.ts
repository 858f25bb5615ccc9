/** The heads of HTTP/1.1 messages as the parser hands them on. */

import type { HeaderList } from './header-list.ts';

/** How the body of a message is delimited (RFC 9112 section 6.3). */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** Responses only: everything until the connection closes. */
  | { readonly kind: 'close' };

export const noBody: BodyFraming = { kind: 'none' };
export const chunkedBody: BodyFraming = { kind: 'chunked' };
export const closeBody: BodyFraming = { kind: 'close' };

/**
 * Names in lower case. The fields that frame the message or steer the connection (connection,
 * keep-alive, transfer-encoding, upgrade, expect …) are still in `headers`; the proxy decides
 * what travels on.
 */
export interface RequestHead {
  /** Upper case, one of the known methods. */
  method: string;
  /** The path with its query; `*` of OPTIONS, host and port of CONNECT. Without a fragment. */
  target: string;
  /** Of an absolute-form target; null for the others. */
  scheme: 'http' | 'https' | null;
  /** 0 or 1: HTTP/1.0 or HTTP/1.1. */
  minorVersion: 0 | 1;
  headers: HeaderList;
  /**
   * The authority of an absolute-form target, else the value of the Host line, undefined if there
   * is none; several lines are refused.
   */
  host: string | undefined;
  framing: BodyFraming;
  /** False after `Connection: close` or `Proxy-Connection: close`. */
  keepAlive: boolean;
  /** The Connection line lists `upgrade` and there is an Upgrade line: its value in lower case. */
  upgrade: string | null;
  /** Connection lists other names than close, keep-alive and upgrade: those, in lower case. */
  connectionNames: readonly string[] | null;
}

export interface ResponseHead {
  status: number;
  reason: string;
  minorVersion: 0 | 1;
  headers: HeaderList;
  framing: BodyFraming;
  keepAlive: boolean;
  /** As for requests. */
  connectionNames: readonly string[] | null;
}
