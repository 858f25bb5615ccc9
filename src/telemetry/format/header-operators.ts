/** REQ, RESP and TRAILER: header lines and the parts of the request line, from a StreamInfo. */

import { ownValue } from '../../base/own-value.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { isFieldName } from '../../http1/field-syntax.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import { redacted, secretHeaders } from '../secret-headers.ts';
import type { StreamInfo } from '../stream-info.ts';
import { type FormatPurpose, hidesCredentials } from './format-purpose.ts';
import type { Operator } from './operator.ts';

type TextOperator = (info: StreamInfo) => string | null;

type HeaderSource = 'request' | 'response' | 'trailer';

/** `X?Y` is the first of the two headers that is there. */
export function compileHeaderOperator(
  source: HeaderSource,
  argument: string | undefined,
  purpose: FormatPurpose,
): Result<Operator, string> {
  const operator = compileTextOperator(source, argument, purpose);
  return operator === null
    ? err('expects a header name, or two with "?" between them')
    : ok(operator);
}

/** REQ_WITHOUT_QUERY: the same, up to the first `?` of the value. */
export function compileHeaderWithoutQuery(
  argument: string | undefined,
  purpose: FormatPurpose,
): Result<Operator, string> {
  const operator = compileTextOperator('request', argument, purpose);
  if (operator === null) return err('expects a header name, or two with "?" between them');
  return ok((info) => {
    const value = operator(info);
    const query = value === null ? -1 : value.indexOf('?');
    return value === null || query === -1 ? value : value.slice(0, query);
  });
}

/** null for an argument that names no header. */
function compileTextOperator(
  source: HeaderSource,
  argument: string | undefined,
  purpose: FormatPurpose,
): TextOperator | null {
  const [main = '', alternative, ...rest] = (argument ?? '').toLowerCase().split('?');
  if ((main === '' && (alternative ?? '') === '') || rest.length > 0) return null;
  if (![main, alternative ?? ''].every(isHeaderName)) return null;
  const first = lookup(source, main, purpose);
  // Envoy takes a name that is left out for a header that nobody sends.
  if (alternative === undefined || alternative === '') return first;
  const second = lookup(source, alternative, purpose);
  return (info) => first(info) ?? second(info);
}

/** A pseudo-header, as `:path`, too; one of two may be left out. */
function isHeaderName(name: string): boolean {
  return name === '' || isFieldName(name.startsWith(':') ? name.slice(1) : name);
}

function lookup(source: HeaderSource, name: string, purpose: FormatPurpose): TextOperator {
  const plain = plainLookup(source, name);
  if (!hidesCredentials(purpose) || !secretHeaders.includes(name)) return plain;
  return (info) => (plain(info) === null ? null : redacted);
}

function plainLookup(source: HeaderSource, name: string): TextOperator {
  switch (source) {
    case 'request':
      return ownValue(requestParts, name) ?? ((info) => find(info.requestHeaders, name));
    case 'response':
      return ownValue(responseParts, name) ?? ((info) => find(info.responseHeaders, name));
    case 'trailer':
      return (info) => find(info.responseTrailers, name);
  }
}

function find(headers: HeaderList | null, name: string): string | null {
  return headers?.get(name) ?? null;
}

function orUnset(text: string): string | null {
  return text === '' ? null : text;
}

/** What a StreamInfo knows without its headers, by the name a format gives it. */
const requestParts: Readonly<Record<string, TextOperator>> = {
  ':method': (info) => orUnset(info.method),
  ':path': (info) => orUnset(info.path),
  ':authority': (info) => orUnset(info.authority),
  // Without an authority there was no request that could have had a scheme.
  ':scheme': (info) => (info.authority === '' ? null : info.scheme),
  host: (info) => orUnset(info.authority),
  'x-envoy-original-path': (info) =>
    info.originalPath ?? find(info.requestHeaders, 'x-envoy-original-path'),
  'x-request-id': (info) => info.requestId ?? find(info.requestHeaders, 'x-request-id'),
};

const responseParts: Readonly<Record<string, TextOperator>> = {
  ':status': (info) => (info.status === 0 ? null : String(info.status)),
  'x-envoy-upstream-service-time': (info) =>
    info.upstreamServiceMs < 0 ? null : String(Math.floor(info.upstreamServiceMs)),
};
