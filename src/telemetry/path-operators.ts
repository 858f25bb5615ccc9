/** PATH and QUERY_PARAM: parts of the request's path. */

import { err, ok, type Result } from '../base/result.ts';
import type { Operator } from './simple-operators.ts';
import type { StreamInfo } from './stream-info.ts';

const sources: Readonly<Record<string, (info: StreamInfo) => string | null>> = {
  ORIG: (info) => info.originalPath,
  PATH: (info) => orUnset(info.path),
  ORIG_OR_PATH: (info) => info.originalPath ?? orUnset(info.path),
};

/** `WQ` with or `NQ` without the query, and of which path: `NQ:ORIG`. */
export function compilePath(argument = ''): Result<Operator, string> {
  const [part = '', name = 'ORIG_OR_PATH', ...rest] = argument.split(':');
  const source = Object.hasOwn(sources, name) ? sources[name] : undefined;
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

function orUnset(text: string): string | null {
  return text === '' ? null : text;
}
