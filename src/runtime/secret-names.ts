/** The names of all secrets that a mesh cannot be served without. */

import type { Mesh } from '../model/mesh.ts';
import type { SecretName } from '../model/tls.ts';

export function secretNamesOf({ listeners, clusters }: Mesh): ReadonlySet<SecretName> {
  const names = new Set<SecretName>();
  const add = (name: SecretName | null | undefined): void => {
    if (name != null) names.add(name);
  };
  for (const { tls } of listeners.flatMap(({ filterChains }) => filterChains)) {
    for (const name of tls?.certificates ?? []) names.add(name);
    add(tls?.validation?.trustedCa);
  }
  for (const { tls } of clusters) {
    add(tls?.certificate);
    add(tls?.validation?.trustedCa);
  }
  return names;
}
