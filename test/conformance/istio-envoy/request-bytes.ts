/** The bytes of a recorded request, as the client of the recording sent them. */

import type { HeaderPair } from '../../support/http-reader.ts';
import { grpcFrame } from '../../support/recording-player.ts';
import { expandRepeats } from './placeholders.ts';
import type { HeaderSpec, RequestSpec } from './scenario.ts';

export interface RequestBytes {
  readonly head: string;
  readonly body: string;
}

/** Head and body of HTTP/1.1. */
export function requestBytes(request: RequestSpec, caseId: string): RequestBytes {
  if (request.raw !== undefined) {
    return { head: expandRepeats(request.raw).replaceAll('${case}', caseId), body: '' };
  }
  const version = request.http ?? '1.1';
  const lines = [`${request.method ?? 'GET'} ${request.path ?? '/'} HTTP/${version}`];
  if (typeof request.authority === 'string') lines.push(`Host: ${request.authority}`);
  lines.push(`x-case-id: ${caseId}`);
  for (const [name, value] of headerList(request.headers)) lines.push(`${name}: ${value}`);
  if (request.ws === true) lines.push(...upgradeLines);
  const text = bodyText(request);
  let body = text ?? '';
  if (text !== null && (request.trailers !== undefined || request.chunked === true)) {
    const trailers = headerList(request.trailers).map(([name, value]) => `${name}: ${value}\r\n`);
    lines.push('transfer-encoding: chunked');
    body = `${body.length.toString(16)}\r\n${body}\r\n0\r\n${trailers.join('')}\r\n`;
  } else if (text !== null) {
    lines.push(`content-length: ${body.length}`);
  }
  return { head: expandRepeats(`${lines.join('\r\n')}\r\n\r\n`), body };
}

const upgradeLines = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** The header list of HTTP/2, pseudo-headers first. */
export function requestHeaderList(request: RequestSpec, caseId: string): readonly HeaderPair[] {
  const own: HeaderPair = ['x-case-id', caseId];
  if (request.h2_headers !== undefined) return [...request.h2_headers.map(expandPair), own];
  const scheme = request.scheme ?? (request.tls === undefined ? 'http' : 'https');
  const pseudo: HeaderPair[] = [
    [':method', request.method ?? 'GET'],
    [':scheme', scheme],
    [':path', request.path ?? '/'],
  ];
  if (typeof request.authority === 'string') pseudo.push([':authority', request.authority]);
  return [...pseudo, own, ...headerList(request.headers)].map(expandPair);
}

function expandPair([name, value]: HeaderPair): HeaderPair {
  return [name, expandRepeats(value)];
}

/** Null: the request has no body. */
export function bodyText({ body, grpc_message: message }: RequestSpec): string | null {
  if (message !== undefined) return grpcFrame(message).toString('latin1');
  return body === undefined ? null : expandRepeats(body);
}

/** Headers in their order. */
export function headerList(headers: HeaderSpec = {}): readonly HeaderPair[] {
  if (Array.isArray(headers)) return headers as readonly HeaderPair[];
  return Object.entries(headers as Record<string, string | readonly string[]>).flatMap(
    ([name, value]) => [value].flat().map((one): HeaderPair => [name, String(one)]),
  );
}
