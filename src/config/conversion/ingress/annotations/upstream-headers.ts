/** upstream-vhost and x-forwarded-prefix: what a request says of its host and path upstream. */

import type { AnnotationReader } from './annotation-reader.ts';
import { literalValue, variablesOf } from './nginx-variables.ts';

export interface UpstreamHeaders {
  /** null: the host of the request. */
  readonly host: string | null;
  /** With commands of Envoy. Only with a rewrite of the path. */
  readonly forwardedPrefix: string | null;
}

export function readUpstreamHeaders(reader: AnnotationReader): UpstreamHeaders {
  return { host: readHost(reader), forwardedPrefix: readForwardedPrefix(reader) };
}

function readHost(reader: AnnotationReader): string | null {
  const name = 'upstream-vhost';
  const text = reader.text(name);
  const isSame = text === '$host' || text === '$http_host';
  return isSame || hasVariable(name, reader) ? null : reader.host(name);
}

function readForwardedPrefix(reader: AnnotationReader): string | null {
  const name = 'x-forwarded-prefix';
  const text = hasVariable(name, reader) ? null : reader.headerText(name);
  return text === null ? null : literalValue(text);
}

function hasVariable(name: string, reader: AnnotationReader): boolean {
  const [variable] = variablesOf(reader.text(name) ?? '');
  if (variable === undefined) return false;
  reader.refuse(name, `"$${variable}" is not known here: write the text itself`);
  return true;
}
