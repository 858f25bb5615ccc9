/** Bytes of headers, counted as Envoy does: names and values. */

import type { HeaderList } from '../../http1/header-list.ts';
import type { StreamInfo } from '../stream-info.ts';

function byteSize(headers: HeaderList | null): number {
  let bytes = 0;
  if (headers !== null) for (const text of headers.flat) bytes += text.length;
  return bytes;
}

/** Envoy counts the parts of the first line as headers, and the host under its longer name. */
export function requestHeaderBytes(info: StreamInfo): number {
  if (info.requestHeaders === null) return 0;
  const { method, path, scheme } = info;
  const firstLine = `:method${method}:path${path}:scheme${scheme}`.length;
  const authority = info.requestHeaders.has('host') ? ':authority'.length - 'host'.length : 0;
  return byteSize(info.requestHeaders) + firstLine + authority;
}

export function responseHeaderBytes(info: StreamInfo): number {
  const status = info.status === 0 ? 0 : `:status${info.status}`.length;
  return byteSize(info.responseHeaders) + status;
}

export function trailerBytes(info: StreamInfo): number {
  return byteSize(info.responseTrailers);
}
