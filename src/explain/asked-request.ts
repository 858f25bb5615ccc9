/** The request that is to be explained, as users give it. */

import { err, ok, type Result } from '../base/result.ts';
import { wireFromUnicode } from '../base/wire-text.ts';
import { isFieldName, isFieldValue } from '../http1/field-syntax.ts';
import { HeaderList } from '../http1/header-list.ts';
import { knownMethod } from '../http1/method.ts';
import { type AskedClient, type ClientText, readAskedClient } from './asked-client.ts';

export interface AskedRequest extends AskedClient {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** As sent: perhaps with characters that no host has. */
  readonly authority: string;
  /** Path and query as sent; wire text. */
  readonly target: string;
  /** Names in lower case; values are wire text. Without `host`. */
  readonly headers: HeaderList;
}

export interface RequestText extends ClientText {
  /** Default GET. */
  readonly method?: string | null;
  /** With scheme and host; a user before the host does not count. */
  readonly url: string;
  /** `name: value`, each. */
  readonly headers?: readonly string[];
}

const urlForm = /^(https?):\/\/([^/?#]+)([^#]*)/i;

const noTls = 'a server name and a certificate of the client are of TLS: the url is one of https';

/** The error is a sentence for whoever asked. */
export function readAskedRequest(text: RequestText): Result<AskedRequest, string> {
  // Not taken apart by URL, which would normalise the path in its own way.
  const [, scheme = '', userAndHost = '', rest = ''] = urlForm.exec(text.url) ?? [];
  // Clients send no user with the host.
  const authority = userAndHost.slice(userAndHost.lastIndexOf('@') + 1);
  if (authority === '') {
    return err(
      `url is one of http or https with its host, such as http://host/, not "${text.url}"`,
    );
  }
  const port = /:(\d+)$/.exec(authority)?.[1];
  if (port !== undefined && Number(port) > 65_535) return err(`"${port}" is no port (0 to 65535)`);
  const method = text.method ?? 'GET';
  if (knownMethod(method) === undefined) return err(wrongMethod(method));
  const client = readAskedClient(text);
  if (!client.ok) return client;
  const isTls = scheme.toLowerCase() === 'https';
  if (!isTls && (text.serverName ?? text.certificate ?? null) !== null) return err(noTls);
  const headers = readHeaders(text.headers ?? []);
  if (!headers.ok) return headers;
  const host = headers.value.get('host');
  headers.value.remove('host');
  return ok({
    method,
    scheme: isTls ? 'https' : 'http',
    authority: host ?? wireFromUnicode(authority),
    target: wireFromUnicode(rest.startsWith('/') ? rest : `/${rest}`),
    headers: headers.value,
    ...client.value,
  });
}

/** Methods are told apart by case (RFC 9110 section 9.1). */
function wrongMethod(method: string): string {
  const capitals = method.toUpperCase();
  const hint = knownMethod(capitals) === undefined ? '' : `; did you mean ${capitals}?`;
  return `"${method}" is no method of HTTP${hint}`;
}

function readHeaders(lines: readonly string[]): Result<HeaderList, string> {
  const headers = new HeaderList();
  for (const line of lines) {
    // A name that begins with a colon is a part of the request line, which the URL says.
    const colon = line.indexOf(':');
    if (colon < 1) return err(`header is name:value, not "${line}"`);
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = wireFromUnicode(line.slice(colon + 1).trim());
    if (!isFieldName(name)) return err(`"${name}" is no name of a header`);
    if (!isFieldValue(value)) return err(`the value of header ${name} holds control characters`);
    headers.append(name, value);
  }
  return ok(headers);
}
