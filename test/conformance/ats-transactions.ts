/** Reads transactions of Traffic Server's replay files and writes their messages as bytes. */

import { parse } from 'yaml';
import { type HeaderPair, headerValue } from '../support/http-reader.ts';

export interface HeaderRule {
  readonly name: string;
  readonly as: 'absent' | 'present' | 'contains' | 'equal';
  readonly value: string;
}

export interface Message {
  readonly method: string | null;
  readonly url: string;
  readonly version: string;
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  /** The body; already framed when `framed`. */
  readonly body: string;
  readonly framed: boolean;
}

export interface Expectation {
  readonly status: number;
  readonly rules: readonly HeaderRule[];
  /** Size of the body, null where it is not said. */
  readonly size: number | null;
}

export interface Transaction {
  readonly request: Message;
  readonly response: Message | null;
  readonly proxyRequest: Expectation | null;
  readonly proxyResponse: Expectation | null;
}

export interface Session {
  /** `http`, `https`, `http2`, … */
  readonly protocol: string;
  readonly transactions: readonly Transaction[];
}

interface RawContent {
  readonly data?: string;
  readonly size?: number | { readonly value?: number };
  readonly encoding?: string;
  readonly transfer?: string;
}

interface RawMessage {
  readonly method?: string;
  readonly url?: string;
  readonly version?: string | number;
  readonly status?: number;
  readonly headers?: { readonly fields?: readonly (readonly [string, unknown])[] };
  readonly content?: RawContent;
}

type RawTransaction = Readonly<Record<string, RawMessage | undefined>>;

interface RawSession {
  readonly protocol?: { readonly stack?: string } | readonly unknown[];
  readonly transactions: readonly RawTransaction[];
}

export function readSessions(text: string): Session[] {
  // The files repeat a key on purpose where a transaction has two halves.
  const file = parse(text, { merge: true, uniqueKeys: false }) as {
    readonly sessions?: readonly RawSession[];
  };
  return (file.sessions ?? []).map(({ protocol, transactions }) => ({
    protocol: protocolOf(protocol),
    transactions: transactions.map(readTransaction),
  }));
}

function protocolOf(protocol: RawSession['protocol']): string {
  if (protocol === undefined || Array.isArray(protocol)) return 'http';
  return (protocol as { readonly stack?: string }).stack ?? 'http';
}

function readTransaction(raw: RawTransaction): Transaction {
  const response = raw['server-response'];
  return {
    request: readMessage(raw['client-request'] ?? {}),
    response: response === undefined ? null : readMessage(response),
    proxyRequest: readExpectation(raw['proxy-request']),
    proxyResponse: readExpectation(raw['proxy-response']),
  };
}

function readMessage(raw: RawMessage): Message {
  const headers = (raw.headers?.fields ?? []).map(
    ([name, value]): HeaderPair => [String(name), String(value)],
  );
  return {
    method: raw.method ?? null,
    url: raw.url ?? '/',
    version: String(raw.version ?? '1.1'),
    status: raw.status ?? 200,
    headers,
    body: readBody(raw.content, headers),
    framed: raw.content?.transfer === 'plain',
  };
}

function readBody(content: RawContent | undefined, headers: readonly HeaderPair[]): string {
  const announced = Number(headerValue(headers, 'content-length') ?? '0');
  const { data, encoding } = content ?? {};
  if (data === undefined) return 'x'.repeat(sizeOf(content) ?? announced);
  return encoding === 'uri' ? decodeURIComponent(data) : data;
}

function sizeOf(content: RawContent | undefined): number | null {
  const size = content?.size;
  return (typeof size === 'object' ? size.value : size) ?? null;
}

function readExpectation(raw: RawMessage | undefined): Expectation | null {
  if (raw === undefined) return null;
  const rules = (raw.headers?.fields ?? []).flatMap(([name, rule]): HeaderRule[] => {
    if (typeof rule !== 'object' || rule === null) return [];
    const { value = '', as = 'equal' } = rule as { value?: string; as?: HeaderRule['as'] };
    return [{ name, value: String(value), as }];
  });
  return { status: raw.status ?? 0, rules, size: sizeOf(raw.content) };
}

export function requestBytes(request: Message): string {
  const line = `${request.method} ${request.url} HTTP/${request.version}`;
  return `${line}\r\n${fieldLines(request.headers)}\r\n${framedBody(request)}`;
}

/** A response, and whether the connection ends with it. */
export function responseBytes(response: Message | null): { bytes: string; closes: boolean } {
  if (response === null) {
    return { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', closes: false };
  }
  const head = `HTTP/${response.version} ${response.status} Status\r\n`;
  const framed =
    headerValue(response.headers, 'content-length') !== null ||
    headerValue(response.headers, 'transfer-encoding') !== null;
  return {
    bytes: `${head}${fieldLines(response.headers)}\r\n${framedBody(response)}`,
    closes: !framed || /close/i.test(headerValue(response.headers, 'connection') ?? ''),
  };
}

function fieldLines(headers: readonly HeaderPair[]): string {
  return headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

function framedBody({ headers, body, framed }: Message): string {
  const chunked = /chunked/i.test(headerValue(headers, 'transfer-encoding') ?? '');
  if (framed || !chunked) return body;
  const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
  return `${chunk}0\r\n\r\n`;
}
