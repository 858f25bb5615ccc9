/** Names that the hosts of a VirtualService may have. */

import { isIpAddress } from './addresses.ts';
import { wildcardHostMistake } from './host-names.ts';

export function hostMistake(host: string, onlyOnGateways: boolean): string | null {
  // `outbound_.80_.v1_.host` is how gateways between networks name a subset.
  if (onlyOnGateways && host.startsWith('outbound_.')) return null;
  const mistake = wildcardHostMistake(host);
  if (mistake !== null) return isIpAddress(host) ? null : mistake;
  if (onlyOnGateways || host !== '*') return null;
  return 'the host "*" is not allowed in the mesh, only on gateways';
}
