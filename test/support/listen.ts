/** A server of one test, on a port of its own, which this returns. */

import type { AddressInfo, Server } from 'node:net';
import type { Test } from 'tap';

export async function listen(t: Test, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}
