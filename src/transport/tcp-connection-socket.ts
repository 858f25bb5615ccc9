/** Opens the socket of a TCP proxy's connection to its endpoint. */

import { connect, type Socket } from 'node:net';
import type { ReadOptions } from './accept.ts';
import type { ConnectionEnd } from './proxy-protocol.ts';
import { writableHighWaterMark } from './socket-writer.ts';

/** Its `connect` event says that bytes pass; what is written before waits. Either side may end first. */
export function openTcpSocket(endpoint: ConnectionEnd, reads: ReadOptions): Socket {
  const options = {
    host: endpoint.address,
    port: endpoint.port,
    noDelay: true,
    allowHalfOpen: true,
    // Passed on to the socket's constructor.
    writableHighWaterMark,
    onread: {
      buffer: reads.buffer,
      callback: (length: number, buffer: Uint8Array) => {
        reads.onRead(length, buffer as Buffer);
        return true;
      },
    },
  };
  return connect(options);
}
