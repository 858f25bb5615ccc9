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
  /** With the host line first, without lines that frame the body in chunks. */
  readonly headers: HeaderList;
  readonly framing: BodyFraming;
  readonly upgrading: boolean;
}

/** Methods whose requests have a meaning without a body: its absence is not said (RFC 9110 8.6). */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'TRACE', 'CONNECT']);

export function buildUpstreamHead(head: UpstreamHead): string {
  setFraming(head);
  return writeRequestHead(head.method, head.path, head.headers);
}

/** The lines that frame the body say what will follow, whatever else happened to the block. */
function setFraming(head: UpstreamHead): void {
  const { framing, headers } = head;
  switch (framing.kind) {
    case 'chunked':
      headers.remove('content-length');
      headers.set('transfer-encoding', 'chunked');
      return;
    case 'length':
      headers.set('content-length', String(framing.length));
      return;
    default:
      if (headers.has('content-length') || (!head.upgrading && !bodiless.has(head.method))) {
        headers.set('content-length', '0');
      }
  }
}
