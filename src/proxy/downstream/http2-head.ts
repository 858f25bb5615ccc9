/** What HTTP/2 says of a message in the words that exchanges are described in (RFC 9113, section 8.3). */

import { HeaderList } from '../../http1/header-list.ts';
import { noBody, type RequestHead } from '../../http1/message-head.ts';
import { framingOf } from '../../transport/http2-fields.ts';

/** `fields`: of a well-formed request, pseudo-header fields first. */
export function requestHeadOf(fields: readonly string[], endStream: boolean): RequestHead {
  const headers = new HeaderList();
  const head: RequestHead = {
    method: '',
    target: '',
    // `:scheme` says nothing that the connection does not know better, as Envoy sees it.
    scheme: null,
    minorVersion: 1,
    headers,
    host: undefined,
    framing: noBody,
    keepAlive: true,
    upgrade: null,
    connectionNames: null,
  };
  let at = 0;
  for (; at < fields.length && (fields[at] as string).charCodeAt(0) === colon; at += 2) {
    takePseudoField(head, fields[at] as string, fields[at + 1] as string);
  }
  const host = appendFields(headers, fields, at);
  // A host line counts where there is no `:authority` (section 8.3.1).
  head.host ??= host;
  if (!endStream) head.framing = framingOf(headers);
  return head;
}

const colon = 0x3a;

function takePseudoField(head: RequestHead, name: string, value: string): void {
  if (name === ':method') head.method = value;
  else if (name === ':authority') head.host = value;
  else if (name === ':path') head.target = withoutFragment(value);
}

function withoutFragment(path: string): string {
  const hash = path.indexOf('#');
  return hash < 0 ? path : path.slice(0, hash);
}

/** From `at` on. Crumbs of cookies become one line (section 8.2.3); a host line is returned. */
function appendFields(
  headers: HeaderList,
  fields: readonly string[],
  at: number,
): string | undefined {
  const { flat } = headers;
  let host: string | undefined;
  let cookieAt = -1;
  for (let i = at; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    if (name === 'host') {
      host ??= value;
      continue;
    }
    if (name === 'cookie') {
      if (cookieAt >= 0) {
        flat[cookieAt] += `; ${value}`;
        continue;
      }
      cookieAt = flat.length + 1;
    }
    flat.push(name, value);
  }
  return host;
}
