/** The forms of a request target (RFC 9112 section 3.2), as strictly as Envoy reads them. */

import { authorityChar, isAll } from './char-table.ts';
import type { CodecErrorCode } from './codec-error.ts';

const schemePrefix = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;
/** A colon and what follows it, outside the brackets of an IPv6 address. */
const portSuffix = /:([^\]:]*)$/;
const digits = /^\d*$/;

export interface AbsoluteTarget {
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  /** With the query; `/` if the target has none. */
  readonly path: string;
}

/**
 * The parts of an absolute-form target, or null if it is none: the scheme is http or https in any
 * case, the authority is not empty, has at most one `@` and a port of at most 65535.
 */
export function parseAbsoluteTarget(target: string): AbsoluteTarget | null {
  const schemeEnd = target.indexOf('://');
  if (schemeEnd === -1) return null;
  const scheme = target.slice(0, schemeEnd).toLowerCase();
  if (scheme !== 'http' && scheme !== 'https') return null;
  const authorityStart = schemeEnd + 3;
  const pathStart = startOfPath(target, authorityStart);
  const authority = target.slice(authorityStart, pathStart);
  if (!isAuthority(authority)) return null;
  const path = target.slice(pathStart);
  return { scheme, authority, path: path.startsWith('/') ? path : `/${path}` };
}

/** What is wrong with a target of visible ASCII that does not begin with `/`, or null. */
export function findTargetError(method: string, target: string): CodecErrorCode | null {
  if (method === 'CONNECT') return isHostAndPort(target) ? null : 'bad_target_form';
  if (target === '*') return method === 'OPTIONS' ? null : 'bad_target_form';
  if (!schemePrefix.test(target)) return 'bad_target';
  return parseAbsoluteTarget(target) === null ? 'bad_target_form' : null;
}

function startOfPath(target: string, from: number): number {
  for (let i = from; i < target.length; i++) {
    const letter = target[i];
    if (letter === '/' || letter === '?') return i;
  }
  return target.length;
}

function isHostAndPort(text: string): boolean {
  return isAuthority(text) && !text.includes('@') && (portSuffix.exec(text)?.[1] ?? '') !== '';
}

function isAuthority(text: string): boolean {
  if (text === '' || !isAll(text, authorityChar)) return false;
  if (text.indexOf('@') !== text.lastIndexOf('@')) return false;
  const host = text.slice(text.indexOf('@') + 1);
  const port = portSuffix.exec(host)?.[1] ?? '';
  return host !== '' && !host.startsWith(':') && digits.test(port) && Number(port) <= 65535;
}
