/**
 * Finds ports that nothing listens on, for processes that must be told their port. The range lies
 * below the kernel's ephemeral ports, so that no outgoing connection of another test takes one, and
 * above the fixed ports of recorded cases.
 */

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const first = 22_000;
const last = 31_999;

/** A port free on `address` now; a random choice keeps concurrent test processes apart. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(first, last + 1);
    if (await isFree(port, address)) return port;
  }
  throw new Error(`no free port between ${first} and ${last} on ${address}`);
}

/** `count` different free ports. */
export async function freePorts(count: number, address = '127.0.0.1'): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort(address));
  return [...ports];
}

function isFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: address, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
