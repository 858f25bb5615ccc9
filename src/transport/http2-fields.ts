/**
 * Header blocks between HTTP/1.1 and HTTP/2 (RFC 9113, section 8.2 and 8.3): which fields belong to
 * one connection and stay behind, and what the request line and the status become.
 */

import { nodeCrypto } from '../base/node-crypto.ts';
import { HeaderList } from '../http1/header-list.ts';
import { type BodyFraming, chunkedBody, noBody, type ResponseHead } from '../http1/message-head.ts';
import type { UpstreamHead } from './upstream-stream.ts';

const colon = 0x3a;

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
 * `[name, value, …]`, pseudo-header fields first. Envoy keeps their order where the client speaks
 * HTTP/2; here it is then the one that nearly all clients have. A request for an upgrade becomes an
 * extended CONNECT (RFC 8441).
 */
export function http2RequestFields(head: UpstreamHead): string[] {
  const { headers, path, scheme, upgrading } = head;
  const authority = headers.get('host') ?? '';
  const method = upgrading ? 'CONNECT' : head.method;
  const fields = head.isHttp2
    ? [':method', method, ':scheme', scheme, ':path', path, ':authority', authority]
    : [':authority', authority, ':path', path, ':method', method, ':scheme', scheme];
  if (upgrading) fields.push(':protocol', headers.get('upgrade') ?? 'websocket');
  appendFields(fields, headers);
  return fields;
}

export function http2Trailers(trailers: HeaderList): string[] {
  const fields: string[] = [];
  appendFields(fields, trailers);
  return fields;
}

/** `fields`: of a well-formed response. `ended`: the head is all there is of it. */
export function responseHeadOf(
  fields: readonly string[],
  status: number,
  ended: boolean,
): ResponseHead {
  const headers = new HeaderList();
  const { flat } = headers;
  // Behind `:status`, which is the only pseudo-header field that a response has.
  for (let i = 2; i < fields.length; i++) flat.push(fields[i] as string);
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

/** Of every WebSocket (RFC 6455, section 1.3). */
const webSocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * What HTTP/1.1 says of an upgrade that HTTP/2 has granted with a 200 (RFC 8441, section 5). There
 * the endpoint has nothing to do with `webSocketKey`; the client waits for the answer to it.
 */
export function switchingProtocolsHead(
  fields: readonly string[],
  protocol: string,
  webSocketKey: string | null,
): ResponseHead {
  const head = responseHeadOf(fields, 101, true);
  head.headers.append('upgrade', protocol);
  head.headers.append('connection', 'upgrade');
  if (webSocketKey !== null && !head.headers.has('sec-websocket-accept')) {
    const accept = nodeCrypto().hash('sha1', webSocketKey + webSocketGuid, 'base64');
    head.headers.append('sec-websocket-accept', accept);
  }
  return head;
}

/** As they came: pseudo-header fields are never among them. */
export function trailersOf(fields: readonly string[]): HeaderList {
  const trailers = new HeaderList();
  for (const text of fields) trailers.flat.push(text);
  return trailers;
}

/** Of a message that does not end with its head. */
export function framingOf(headers: HeaderList): BodyFraming {
  const length = headers.get('content-length');
  // The session has checked that the length is a number, and sees to it that as many bytes come.
  return length === undefined ? chunkedBody : { kind: 'length', length: Number(length) };
}

function appendFields(fields: string[], headers: HeaderList): void {
  const { flat } = headers;
  let cookieAt = -1;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const value = flat[i + 1] as string;
    if (leftBehind.has(name) || (name === 'te' && value !== 'trailers')) continue;
    // Nothing but the proxy says what a request line becomes.
    if (name.charCodeAt(0) === colon) continue;
    if (name === 'cookie' && cookieAt >= 0) {
      // Envoy sends one line, whatever came.
      fields[cookieAt] += `; ${value}`;
      continue;
    }
    if (name === 'cookie') cookieAt = fields.length + 1;
    fields.push(name, value);
  }
}
