/**
 * Header blocks between HTTP/1.1 and HTTP/2 (RFC 9113, section 8.2 and 8.3): which fields belong to
 * one connection and stay behind, and what the request line and the status become.
 */

import { HeaderList } from '../http1/header-list.ts';
import { type BodyFraming, chunkedBody, noBody, type ResponseHead } from '../http1/message-head.ts';
import type { UpstreamHead } from './upstream-stream.ts';

/** RFC 9113, section 8.2.2; `host` travels as `:authority`. */
const leftBehind: ReadonlySet<string> = new Set([
  'connection',
  'host',
  // Of an upgrade to h2c, which ends here.
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * `[name, value, …]`, pseudo-header fields first and in Envoy's order. A request for an upgrade
 * becomes an extended CONNECT (RFC 8441).
 */
export function http2RequestFields(head: UpstreamHead, scheme: 'http' | 'https'): string[] {
  const { headers } = head;
  const fields = [':authority', headers.get('host') ?? '', ':path', head.path];
  fields.push(':method', head.upgrading ? 'CONNECT' : head.method, ':scheme', scheme);
  if (head.upgrading) fields.push(':protocol', headers.get('upgrade') ?? 'websocket');
  appendFields(fields, headers);
  return fields;
}

/** In the form that `node:http2` takes trailers in: several lines of a name are a list. */
export function http2Trailers(trailers: HeaderList): Record<string, string[]> {
  const fields: string[] = [];
  appendFields(fields, trailers);
  // Without a prototype: `constructor` is a name like others.
  const values: Record<string, string[]> = Object.create(null);
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    values[name] ??= [];
    values[name].push(fields[i + 1] as string);
  }
  return values;
}

/** `raw` without pseudo-header fields. */
export function headersOf(raw: readonly string[]): HeaderList {
  const headers = new HeaderList();
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    if (!name.startsWith(':')) headers.append(name, raw[i + 1] as string);
  }
  return headers;
}

/** `ended`: the head is all there is of the response. */
export function responseHeadOf(
  raw: readonly string[],
  status: number,
  ended: boolean,
): ResponseHead {
  const headers = headersOf(raw);
  return {
    status,
    reason: '',
    minorVersion: 1,
    headers,
    framing: ended ? noBody : framingOf(headers),
    keepAlive: true,
    connectionNames: null,
  };
}

/** What HTTP/1.1 says of an upgrade that HTTP/2 has granted with a 200 (RFC 8441, section 5). */
export function switchingProtocolsHead(raw: readonly string[], protocol: string): ResponseHead {
  const head = responseHeadOf(raw, 101, true);
  head.headers.append('connection', 'upgrade');
  head.headers.append('upgrade', protocol);
  return head;
}

function framingOf(headers: HeaderList): BodyFraming {
  const length = headers.get('content-length');
  // The session has checked that the length is a number and that as many bytes come.
  return length === undefined ? chunkedBody : { kind: 'length', length: Number(length) };
}

function appendFields(fields: string[], headers: HeaderList): void {
  const { flat } = headers;
  let cookieAt = -1;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const value = flat[i + 1] as string;
    if (leftBehind.has(name) || (name === 'te' && value !== 'trailers')) continue;
    if (name === 'cookie' && cookieAt >= 0) {
      // Envoy sends one line, whatever came.
      fields[cookieAt] += `; ${value}`;
      continue;
    }
    if (name === 'cookie') cookieAt = fields.length + 1;
    fields.push(name, value);
  }
}
