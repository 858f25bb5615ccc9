/** The Secret that a server of a Gateway names. */

import type { GatewayServer } from '../config/schema/gateway.ts';

export interface SecretReference {
  readonly name: string;
  /** Absent: that of the Gateway. */
  readonly namespace?: string;
}

/** Where it is named with a scheme, `kubernetes-gateway://shop/cert`, its namespace may follow. */
export function secretOf({ tls }: GatewayServer): SecretReference | null {
  const credential = tls?.credentialName;
  if (credential === undefined) return null;
  const parts = credential.replace(/^[a-z-]+:\/\//, '').split('/');
  const [name = '', namespace] = parts.toReversed();
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}
