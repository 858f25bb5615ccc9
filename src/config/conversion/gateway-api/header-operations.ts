/** Header filters of routes in the words of VirtualService. */

import type { HeaderFilter } from '../../schema/gateway-api/filters.ts';
import type { HeaderOperations } from '../../schema/virtual-service.ts';
import { headerValueMistake } from '../../validation/header-value.ts';

export function headerOperations({ set, add, remove }: HeaderFilter): HeaderOperations {
  return {
    ...(set === undefined ? {} : { set: firstOfEach(set) }),
    ...(add === undefined ? {} : { add: firstOfEach(add) }),
    ...(remove === undefined ? {} : { remove }),
  };
}

/** Names are compared without case; of several entries for one the first counts. */
function firstOfEach(entries: NonNullable<HeaderFilter['set']>): Record<string, string> {
  const values = new Map<string, string>();
  for (const { name, value } of entries) {
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, literalValue(value));
  }
  return Object.fromEntries(values);
}

/** As in Istio a value may hold Envoy's commands; a percent sign of no command stands for itself. */
function literalValue(value: string): string {
  return headerValueMistake(value) === null ? value : value.replaceAll('%', '%%');
}
