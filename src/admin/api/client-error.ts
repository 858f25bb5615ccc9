/** What a user can do where the admin API cannot be asked, or does not answer as it should. */

import type { HttpAnswer } from '../../base/ask-http.ts';

const defaultAddress = '127.0.0.1:15000';

/** No response came. `base` is the URL that was asked. */
export function describeConnectionError(error: Error, base: string): string {
  const code = codeOf(error);
  const place = base.replace(/^http:\/\//, '');
  // What came is no HTTP.
  if (code.startsWith('HPE_')) return notTheApi(base);
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens on ${place}: start the proxy with "sluice run", or give the address of its admin API with --admin`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name in ${place} is not known: give the address of the admin API with --admin, for example ${defaultAddress}`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${place} cannot be reached: the admin API listens on loopback unless "sluice run --admin" says otherwise`;
    case 'ERR_INVALID_URL':
      return `"${place}" is no address: write HOST:PORT, for example ${defaultAddress}`;
    default:
      return `the admin API on ${place} cannot be asked: ${code}`;
  }
}

/** Where all addresses of a name were tried, that of the first. */
function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}

/** It answered with an error. */
export async function describeRefusal(
  response: Pick<HttpAnswer, 'status' | 'text'>,
  base: string,
): Promise<string> {
  const text = await response.text().catch(() => '');
  const said = errorOf(text);
  if (said !== null) return said;
  if (response.status === 403) return firstLine(text);
  return response.status === 404
    ? notTheApi(base)
    : `the admin API answered ${response.status}: ${firstLine(text)}`;
}

export function notTheApi(base: string): string {
  const place = base.replace(/^http:\/\//, '');
  return `what answers on ${place} is not the admin API of this version of sluice: is it a listener of the proxy, or another program? The admin API is on ${defaultAddress} unless --admin says otherwise`;
}

function errorOf(text: string): string | null {
  try {
    const { error } = JSON.parse(text) as { readonly error?: unknown };
    return typeof error === 'string' ? error : null;
  } catch {
    // Not an answer of /api/v1.
    return null;
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
