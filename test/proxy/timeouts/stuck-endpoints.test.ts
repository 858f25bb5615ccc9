/** Endpoints that take nothing of a request for too long. */

import { createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { clusterOf } from '../../support/mesh-models.ts';
import { proxiedOrigin } from '../../support/proxied-origin.ts';
import { noLoad } from '../../support/proxy-harness.ts';
import { forwardTo } from '../../support/route-models.ts';
import { ok } from '../../support/scripted-origin.ts';

/** Accepts, and reads nothing. */
async function deafOrigin(t: Test): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

t.test('504, and nothing is left', async (t) => {
  const clusters = [clusterOf('deaf', [await deafOrigin(t)])];
  const { proxy } = await proxiedOrigin(t, () => ok('fine'), {
    manualTime: true,
    clusters,
    route: { action: forwardTo('deaf', { sendTimeoutMs: 1_000 }) },
  });
  const connection = await proxy.connect();
  connection.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${64 * 1024 * 1024}\r\n\r\n`);
  connection.write(Buffer.alloc(32 * 1024 * 1024));
  await proxy.until('end', () => {
    proxy.advance(50);
    return proxy.ended.length === 1;
  });
  t.match(await proxy.ending(), { status: 504, flags: 'UT' });
  t.match(proxy.load, noLoad);
  connection.destroy();
});
