/** Which addresses nobody but this machine has. */

import { AddressSet } from './address-set.ts';

const loopback = new AddressSet(['127.0.0.0/8', '::1', '::ffff:127.0.0.0/104']);

export function isLoopback(address: string): boolean {
  return loopback.has(address);
}
