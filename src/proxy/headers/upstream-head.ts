/**
 * The one place that builds request heads for upstream: first try, retry, mirror and upgrade all
 * pass through it. Nothing is copied from the client's bytes; every field is written anew, in the
 * form of the connection's protocol.
 */

import type { UpstreamHead, UpstreamStream } from '../../transport/upstream-stream.ts';

/** Methods whose requests have a meaning without a body: its absence is not said (RFC 9110 8.6). */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'TRACE', 'CONNECT']);

export function sendUpstreamHead(stream: UpstreamStream, head: UpstreamHead): void {
  setLength(head);
  stream.sendHead(head);
}

/** The line of the body's length says what will follow, whatever else happened to the block. */
function setLength(head: UpstreamHead): void {
  const { framing, headers } = head;
  switch (framing.kind) {
    case 'chunked':
      headers.remove('content-length');
      headers.remove('transfer-encoding');
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
