/**
 * Where a request wanted to go, for clusters without endpoints of their own. Nothing is
 * intercepted, so the authority is all there is to tell it.
 */

import type { Listener } from '../model/listener.ts';
import { authorityHost, authorityPort } from './authority.ts';
import type { Stream } from './stream.ts';

/** A mesh listener that passes through to itself would do so until descriptors run out. */
export function isOwnListener(
  listeners: readonly Listener[],
  destination: { readonly address: string; readonly port: number },
): boolean {
  const { address, port } = destination;
  return listeners.some(
    (listener) =>
      listener.direction === 'outbound' &&
      listener.port === port &&
      (isLoopback(address) || listener.address === address),
  );
}

function isLoopback(address: string): boolean {
  const isName = address === 'localhost' || address.endsWith('.localhost');
  return isName || address === '::1' || address === '0.0.0.0' || address.startsWith('127.');
}

export function originalDestination(stream: Stream): { address: string; port: number } {
  const { authority } = stream;
  const { servicePort } = stream.info.listener;
  const port = servicePort === 0 ? Number(authorityPort(authority)) : servicePort;
  return { address: authorityHost(authority), port: port > 0 && port < 65536 ? port : 80 };
}
