/** Names of the files that are made for each kind: `DestinationRule` is `destination-rule.md`. */

import { gatewayApiGroup } from '../src/config/schema/gateway-api/references.ts';
import type { KindSchema } from '../src/config/schema/kinds.ts';

/** Istio and the Gateway API both have a Gateway. */
export function kindFileName({ kind, group }: KindSchema, extension: 'md' | 'json'): string {
  const isOther = kind === 'Gateway' && group === gatewayApiGroup;
  const name = isOther ? `Kubernetes${kind}` : kind;
  const kebab = name.replace(/(?<=[a-z])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/g, '-$&');
  return `${kebab.toLowerCase()}.${extension}`;
}
