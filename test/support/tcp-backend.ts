/** A backend of recorded scenarios that speaks bytes: says its banner and echoes under its name. */

import { createServer, type Socket, type Server as TcpServer } from 'node:net';
import { readProxyHeader } from './proxy-protocol-reader.ts';
import type { RecordedConnection, Recorder } from './recorder.ts';

export interface TcpBackendOptions {
  readonly name: string;
  /** `close` or `rst`: as soon as the connection is there; `sink`: reads and says nothing. */
  readonly behavior?: string;
  /** Sent on accept. */
  readonly banner?: string;
}

/** Not listening yet. */
export function tcpServer(options: TcpBackendOptions, recorder: Recorder): TcpServer {
  return createServer((socket) => converse(socket, options, recorder));
}

function converse(socket: Socket, options: TcpBackendOptions, recorder: Recorder): void {
  const { name, behavior, banner } = options;
  const record: RecordedConnection = {
    backend: name,
    kind: 'tcp',
    received: '',
    proxyHeader: null,
    error: null,
  };
  recorder.connections.push(record);
  if (behavior === 'close') {
    socket.end();
    return;
  }
  if (behavior === 'rst') {
    socket.resetAndDestroy();
    return;
  }
  if (banner !== undefined) socket.write(banner, 'latin1');
  let first = true;
  socket.on('data', (data: Buffer) => {
    const { header, rest } = first ? readProxyHeader(data) : { header: null, rest: data };
    first = false;
    record.proxyHeader ??= header;
    record.received += rest.toString('latin1');
    if (behavior === 'sink' || rest.length === 0) return;
    socket.write(Buffer.concat([Buffer.from(`${name}:`, 'latin1'), rest]));
  });
}
