/**
 * Where a request wanted to go, for clusters without endpoints of their own. Nothing is
 * intercepted, so the authority is all there is to tell it.
 */

import { isLoopback } from '../../base/loopback.ts';
import type { Listener } from '../../model/listener.ts';
import type { ConnectionEnds } from '../../transport/upstream-pool.ts';
import { authorityHost, authorityPort } from '../headers/authority.ts';
import type { Stream } from '../stream/stream.ts';

/**
 * A mesh listener that passes through to itself would do so until descriptors run out. Names lie
 * (any of them may resolve to this machine), so what counts is where a connection really went.
 */
export function isOwnListener(listeners: readonly Listener[], ends: ConnectionEnds): boolean {
  const { remoteAddress, remotePort } = ends;
  const isHere = remoteAddress === ends.localAddress || isLoopback(remoteAddress);
  return (
    isHere &&
    listeners.some(({ direction, port }) => direction === 'outbound' && port === remotePort)
  );
}

export function originalDestination(stream: Stream): { address: string; port: number } {
  const { authority } = stream;
  const { servicePort } = stream.info.listener;
  const port = servicePort === 0 ? Number(authorityPort(authority)) : servicePort;
  return { address: authorityHost(authority), port: port > 0 && port < 65536 ? port : 80 };
}
