/**
 * Where a request wanted to go, for clusters without endpoints of their own. Nothing is
 * intercepted, so the authority is all there is to tell it.
 */

import { authorityPort } from './dispatch.ts';
import type { Stream } from './stream.ts';

export function originalDestination(stream: Stream): { address: string; port: number } {
  const { authority } = stream;
  const { servicePort } = stream.info.listener;
  const port = servicePort === 0 ? Number(authorityPort(authority)) : servicePort;
  return { address: hostOf(authority), port: port > 0 && port < 65536 ? port : 80 };
}

/** The host of an authority, without port and without the brackets of an IPv6 address. */
function hostOf(authority: string): string {
  if (authority.startsWith('[')) return authority.slice(1, authority.indexOf(']'));
  const colon = authority.indexOf(':');
  return colon < 0 ? authority : authority.slice(0, colon);
}
