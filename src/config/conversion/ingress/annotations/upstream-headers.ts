/** upstream-vhost and x-forwarded-prefix: what a request says of its host and path upstream. */

import type { AnnotationReader } from './annotation-reader.ts';
import { variablesOf } from './nginx-variables.ts';

export interface UpstreamHeaders {
  /** null: the host of the request. */
  readonly host: string | null;
  /** Only with a rewrite of the path. */
  readonly forwardedPrefix: string | null;
}

export function readUpstreamHeaders(reader: AnnotationReader): UpstreamHeaders {
  return {
    host: isSameHost(reader.text('upstream-vhost')) ? null : literal(reader, 'upstream-vhost'),
    forwardedPrefix: literal(reader, 'x-forwarded-prefix'),
  };
}

function isSameHost(text: string | null): boolean {
  return text === '$host' || text === '$http_host';
}

function literal(reader: AnnotationReader, name: string): string | null {
  const text = reader.text(name);
  const [variable] = variablesOf(text ?? '');
  if (variable === undefined) return text;
  reader.refuse(name, `"$${variable}" is not known here: write the text itself`);
  return null;
}
