/**
 * The one place that builds request heads for upstream: first try, retry, mirror and upgrade all
 * pass through it. Nothing is copied from the client's bytes; every field is written anew.
 */

import { writeRequestHead } from '../http1/head-writer.ts';
import type { HeaderList } from '../http1/header-list.ts';
import type { BodyFraming } from '../http1/message-head.ts';

export interface UpstreamHead {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly headers: HeaderList;
  readonly framing: BodyFraming;
}

/** Methods whose requests mean nothing without a body: an empty one is said (RFC 9110 8.6). */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'TRACE', 'CONNECT']);

export function buildUpstreamHead(head: UpstreamHead, upgrading: boolean): string {
  return writeRequestHead(
    head.method,
    head.path,
    head.authority,
    head.headers,
    framingLine(head, upgrading),
  );
}

/** The line that frames the body, where the block does not have one already. */
function framingLine(head: UpstreamHead, upgrading: boolean): string {
  if (head.framing.kind === 'chunked') return 'transfer-encoding: chunked\r\n';
  if (head.framing.kind === 'length' || upgrading || bodiless.has(head.method)) return '';
  return head.headers.has('content-length') ? '' : 'content-length: 0\r\n';
}
