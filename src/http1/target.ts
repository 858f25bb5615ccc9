/** The forms of a request target (RFC 9112 section 3.2), as strictly as Envoy reads them. */

import { authorityChar, isAll } from './char-table.ts';
import type { CodecErrorCode } from './codec-error.ts';

const schemePrefix = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//;
/** A colon and what follows it, outside the brackets of an IPv6 address. */
const portSuffix = /:([^\]:]*)$/;
const digits = /^\d+$/;

export interface AbsoluteTarget {
  readonly scheme: 'http' | 'https';
  /** Host and port; of a user nothing travels on. */
  readonly authority: string;
  /** With the query; `/` if the target has neither. */
  readonly path: string;
}

/**
 * The parts of an absolute-form target, or what is wrong with it: the scheme is http or https in
 * any case, the authority is not empty, has at most one `@` and a port of at most 65535.
 */
export function parseAbsoluteTarget(target: string): AbsoluteTarget | CodecErrorCode {
  const prefix = schemePrefix.exec(target);
  if (prefix === null) return 'bad_target';
  const scheme = prefix[1]?.toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') return 'bad_target_form';
  const start = prefix[0].length;
  const end = startOfPath(target, start);
  const authority = target.slice(start, end);
  if (!isAuthority(authority)) return 'bad_target_form';
  return {
    scheme,
    authority: authority.slice(authority.indexOf('@') + 1),
    path: end === target.length ? '/' : target.slice(end),
  };
}

/** The target of CONNECT names where to, and nothing else. */
export function isHostAndPort(text: string): boolean {
  return isAuthority(text) && !text.includes('@') && portSuffix.test(text);
}

function startOfPath(target: string, from: number): number {
  for (let i = from; i < target.length; i++) {
    const letter = target[i];
    if (letter === '/' || letter === '?') return i;
  }
  return target.length;
}

function isAuthority(text: string): boolean {
  if (text === '' || !isAll(text, authorityChar)) return false;
  if (text.indexOf('@') !== text.lastIndexOf('@')) return false;
  const host = text.slice(text.indexOf('@') + 1);
  const port = portSuffix.exec(host)?.[1];
  if (host === '' || host.startsWith(':')) return false;
  return port === undefined || (digits.test(port) && Number(port) <= 65535);
}
