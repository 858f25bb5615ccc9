/** The addresses that connections to two listeners are made to, one of each class. */

import { isIP } from 'node:net';
import type { Listener } from '../model/listener.ts';
import { type AddressClass, addressClasses } from './address-classes.ts';

/** Where a listener is bound to one address, connections come to no other. */
export function destinationClasses(listeners: readonly Listener[]): readonly AddressClass[] {
  const bound = new Set(listeners.map(({ address }) => address));
  const [only = ''] = bound;
  const isOne = bound.size === 1 && isIP(only) !== 0 && only !== '0.0.0.0' && only !== '::';
  if (isOne && listeners.every(({ proxyProtocol }) => !proxyProtocol)) {
    return [{ address: only, label: only }];
  }
  const chains = listeners.flatMap(({ filterChains }) => filterChains);
  return addressClasses(chains.flatMap(({ match }) => match.destinations));
}
