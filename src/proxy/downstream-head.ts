/** The one place that builds response heads for downstream, upstream's and the proxy's own alike. */

import { writeResponseHead } from '../http1/head-writer.ts';
import type { HeaderList } from '../http1/header-list.ts';
import type { ResponseHead } from '../http1/message-head.ts';
import { reasonPhrase } from '../http1/status.ts';
import type { HttpSettings } from '../model/listener.ts';
import { upgradeToken } from './request-headers.ts';

/** Fields that concern the connection to the upstream only. */
const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Takes connection fields out of an upstream's response. */
export function removeConnectionFields(headers: HeaderList): void {
  const flat = headers.flat;
  let kept = 0;
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string;
    if (connectionFields.has(name)) continue;
    if (kept !== i) {
      flat[kept] = name;
      flat[kept + 1] = flat[i + 1] as string;
    }
    kept += 2;
  }
  flat.length = kept;
}

export interface DownstreamHeadOptions {
  readonly settings: HttpSettings;
  /** Value of a date line, used where the response has none. */
  readonly date: string;
  readonly close: boolean;
  /** The body is sent in chunks, or would be (HEAD). */
  readonly chunked: boolean;
  /** An empty body is announced with `content-length: 0`. */
  readonly empty: boolean;
}

/** Adds what every response of this proxy carries, and writes the head. */
export function buildDownstreamHead(
  status: number,
  headers: HeaderList,
  options: DownstreamHeadOptions,
): string {
  finishHeaders(headers, options);
  return writeResponseHead(status, reasonPhrase(status), headers);
}

function finishHeaders(headers: HeaderList, options: DownstreamHeadOptions): void {
  const { settings } = options;
  if (!headers.has('date')) headers.append('date', options.date);
  if (settings.overwriteServer || !headers.has('server'))
    headers.set('server', settings.serverName);
  if (options.close) headers.append('connection', 'close');
  if (options.chunked) headers.append('transfer-encoding', 'chunked');
  else if (options.empty) headers.append('content-length', '0');
}

/** A 101: connection and upgrade lines stay, nothing else is added. */
export function buildUpgradeHead(head: ResponseHead, settings: HttpSettings): string {
  head.headers.remove('date');
  head.headers.set('connection', upgradeToken(head.headers.get('connection') ?? ''));
  head.headers.set('server', settings.serverName);
  return writeResponseHead(head.status, head.reason, head.headers);
}
