/** The one place that builds response heads for downstream, upstream's and the proxy's own alike. */

import { truncate } from '../../base/truncate.ts';
import { writeResponseHead } from '../../http1/head-writer.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { ResponseHead } from '../../http1/message-head.ts';
import { reasonPhrase } from '../../http1/status.ts';
import type { HttpSettings } from '../../model/http-settings.ts';
import type { DateHeader } from '../downstream/date-header.ts';
import { joinRepeated } from './field-lines.ts';
import { upgradeTokens } from './request-headers.ts';
import { responseFieldAction, responseFieldActions } from './response-fields.ts';

/** Takes out what concerns the connection to the upstream, and makes one line of repeated ones. */
export function removeConnectionFields(headers: HeaderList): void {
  const flat = headers.flat;
  let kept = 0;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    const action = responseFieldActions.get(name);
    if (action !== undefined) {
      if (action === responseFieldAction.drop || joinRepeated(flat, kept, i)) continue;
    }
    if (kept !== i) {
      flat[kept] = name;
      flat[kept + 1] = flat[i + 1] as string;
    }
    kept += 2;
  }
  truncate(flat, kept);
}

export interface DownstreamHeadOptions {
  readonly settings: HttpSettings;
  /** Of a date line where the response has none. */
  readonly date: DateHeader;
  readonly close: boolean;
  /** The body is sent in chunks, or would be (HEAD). */
  readonly chunked: boolean;
  /** An empty body is announced with `content-length: 0`. */
  readonly empty: boolean;
}

/** Adds what every response of this proxy carries, and writes the head as HTTP/1.1. */
export function buildDownstreamHead(
  status: number,
  headers: HeaderList,
  options: DownstreamHeadOptions,
): string {
  finishHeaders(status, headers, options);
  return writeResponseHead(status, reasonPhrase(status), headers);
}

/** The same as HTTP/2: `[name, value, …]`. */
export function buildDownstreamFields(
  status: number,
  headers: HeaderList,
  options: DownstreamHeadOptions,
): string[] {
  finishHeaders(status, headers, options);
  const fields = [':status', String(status)];
  for (const text of headers.flat) fields.push(text);
  return fields;
}

function finishHeaders(status: number, headers: HeaderList, options: DownstreamHeadOptions): void {
  const { settings } = options;
  // RFC 9110 section 8.6; some servers send it all the same.
  if (status === 204) headers.remove('content-length');
  if (!headers.has('date')) headers.append('date', options.date.value);
  if (settings.overwriteServer || !headers.has('server'))
    headers.set('server', settings.serverName);
  if (options.close) headers.append('connection', 'close');
  if (options.chunked) headers.append('transfer-encoding', 'chunked');
  else if (options.empty) headers.append('content-length', '0');
}

/** A 101: connection and upgrade lines stay. */
export function buildUpgradeHead(
  head: ResponseHead,
  settings: HttpSettings,
  date: DateHeader,
): string {
  head.headers.set('connection', upgradeTokens(head.headers.get('connection') ?? ''));
  if (!head.headers.has('date')) head.headers.append('date', date.value);
  head.headers.set('server', settings.serverName);
  return writeResponseHead(head.status, reasonPhrase(head.status), head.headers);
}
