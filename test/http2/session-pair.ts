/** A client and a server that are joined in memory. */

import { SessionProbe } from './session-probe.ts';

/** Carries what both have written, in pieces of any size; true if there was something. */
export function carry(from: SessionProbe, to: SessionProbe, sizes: readonly number[]): boolean {
  const bytes = from.takeBytes();
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const end = Math.min(bytes.length, at + (sizes[i % sizes.length] ?? bytes.length));
    to.receive(bytes.subarray(at, end));
    at = end;
  }
  return bytes.length > 0;
}

export function exchange(
  client: SessionProbe,
  server: SessionProbe,
  sizes: readonly number[],
): void {
  for (;;) {
    const up = carry(client, server, sizes);
    const down = carry(server, client, sizes);
    if (!up && !down) return;
  }
}

export function newPair(windowBytes: number): [client: SessionProbe, server: SessionProbe] {
  const tiny = {
    streamWindowBytes: windowBytes,
    windowUpdatesPerDataFrame: 1e6,
    drainMarkBytes: 5,
  };
  const client = new SessionProbe({ role: 'client', fresh: true, limits: tiny });
  const server = new SessionProbe({ fresh: true, limits: tiny });
  client.session.start();
  server.session.start();
  return [client, server];
}
