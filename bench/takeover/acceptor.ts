/**
 * A process that accepts connections and answers each with a byte. Its parent tells it to begin,
 * with a listening socket or on a port with SO_REUSEPORT, to lend its socket, and to stop.
 */

import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { handleOf, type ListeningHandle } from '../../src/transport/listening-handle.ts';

export type Command =
  | { readonly kind: 'begin'; readonly port: number | null }
  | { readonly kind: 'lend' }
  | { readonly kind: 'stop' };

let server: Server | null = null;

function answer(socket: Socket): void {
  socket.on('error', () => undefined);
  socket.end('1');
}

process.on('message', (command: Command, handle: ListeningHandle | undefined) => {
  if (command.kind === 'lend' && server !== null) {
    process.send?.('lent', handleOf(server) as never);
    return;
  }
  if (command.kind !== 'begin') {
    server?.close();
    process.send?.('stopped');
    return;
  }
  const opened = createServer(answer);
  server = opened;
  const listening = (): void => {
    process.send?.((opened.address() as AddressInfo).port);
  };
  const { port } = command;
  if (port === null && handle !== undefined) opened.listen(handle, 4096, listening);
  else
    server.listen(
      { host: '127.0.0.1', port: port ?? 0, reusePort: true, backlog: 4096 },
      listening,
    );
});
process.on('disconnect', () => process.exit());
