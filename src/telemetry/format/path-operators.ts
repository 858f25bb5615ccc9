/** PATH and QUERY_PARAM: parts of the request's path. */

import { ownValue } from '../../base/own-value.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { unicodeFromWire, wireFromUnicode } from '../../base/wire-text.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { Operator } from './operator.ts';

const sources: Readonly<Record<string, (info: StreamInfo) => string | null>> = {
  ORIG: (info) => info.originalPath,
  PATH: (info) => orUnset(info.path),
  ORIG_OR_PATH: (info) => info.originalPath ?? orUnset(info.path),
};

/** `WQ` with or `NQ` without the query, and of which path: `NQ:ORIG`. */
export function compilePath(argument = ''): Result<Operator, string> {
  const [part = '', name = 'ORIG_OR_PATH', ...rest] = argument.split(':');
  const source = ownValue(sources, name);
  if (source === undefined || !['', 'WQ', 'NQ'].includes(part) || rest.length > 0) {
    return err('expects WQ or NQ, and then :ORIG, :PATH or :ORIG_OR_PATH');
  }
  if (part !== 'NQ') return ok(source);
  return ok((info) => source(info)?.split('?', 1)[0] ?? null);
}

/** The first parameter of that name, as it was sent. */
export function compileQueryParameter(argument = ''): Result<Operator, string> {
  if (argument === '') return err('expects the name of a query parameter');
  return ok((info) => {
    const path = info.originalPath ?? info.path;
    const question = path.indexOf('?');
    if (question < 0) return null;
    for (const part of path.slice(question + 1).split('&')) {
      if (part === argument) return null;
      if (part.startsWith(`${argument}=`)) return orUnset(part.slice(argument.length + 1));
    }
    return null;
  });
}

/** All of them: as they were sent, or decoded. */
export function compileQueryParameters(argument = 'ORIG'): Result<Operator, string> {
  if (argument !== 'ORIG' && argument !== 'DECODED') return err('expects ORIG or DECODED');
  const isDecoded = argument === 'DECODED';
  return ok((info) => {
    const path = info.originalPath ?? info.path;
    const question = path.indexOf('?');
    if (question < 0) return null;
    const query = path.slice(question + 1);
    return isDecoded ? decoded(query) : query;
  });
}

/** What is no percent-encoding stays as it is. */
function decoded(query: string): string {
  const bytes = query.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  // Nothing decoded ends a line of a log.
  return wireFromUnicode(unicodeFromWire(bytes).replace(/\p{Cc}/gu, ' '));
}

function orUnset(text: string): string | null {
  return text === '' ? null : text;
}
