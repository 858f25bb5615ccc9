/**
 * Writes heads and chunk framing as latin1 text for one write to the socket. It decides nothing:
 * the caller says which fields go out.
 *
 * It does not look for CR, LF or NUL again. Values come from the parsers, which let no control
 * character through, or from configuration: validation refuses what cannot stand in a head, and
 * where routes and header rules are compiled `isFieldName` and `isFieldValue` (field-syntax.ts)
 * assert it, once and not for each request. Whoever makes values of anything else, such as a
 * certificate, asks `isFieldValue` itself.
 */

import type { HeaderList } from './header-list.ts';
import { knownNames } from './known-fields.ts';

export function writeRequestHead(method: string, target: string, headers: HeaderList): string {
  return writeFields(`${method} ${target} HTTP/1.1`, headers);
}

/** The same, and says that the body comes in chunks; `headers` do not. */
export function writeChunkedRequestHead(
  method: string,
  target: string,
  headers: HeaderList,
): string {
  return writeFields(`${method} ${target} HTTP/1.1`, headers, chunkedFields);
}

export function writeResponseHead(status: number, reason: string, headers: HeaderList): string {
  return writeFields(`HTTP/1.1 ${status} ${reason}`, headers);
}

/** What comes before `length` (more than 0) bytes of chunk data. */
export function chunkHead(length: number): string {
  return `${length.toString(16)}\r\n`;
}

/** What comes behind chunk data. */
export const chunkEnd = '\r\n';

/** The end of a chunked body. HTTP/1.1 gets no trailers, as Istio sets Envoy up. */
export const lastChunk = '0\r\n\r\n';

/** What ends a head that announces a chunked body. */
const chunkedFields = '\r\ntransfer-encoding: chunked\r\n\r\n';

function writeFields(firstLine: string, headers: HeaderList, end = '\r\n\r\n'): string {
  const flat = headers.flat;
  let text = firstLine;
  // Joining ropes is cheap; the socket flattens the whole once, at a cost for each piece.
  for (let i = 0; i < flat.length; i += 2) {
    text += linePrefix(flat[i] as string) + (flat[i + 1] as string);
  }
  return text + end;
}

/** What comes between two values: the end of one line and the name of the next, in one piece. */
const prefixes: ReadonlyMap<string, string> = new Map(
  knownNames.map((name) => [name, `\r\n${name}: `]),
);

function linePrefix(name: string): string {
  return prefixes.get(name) ?? `\r\n${name}: `;
}
