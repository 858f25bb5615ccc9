/** Which Ingresses are converted. */

import type { Resource } from '../config/resource.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import type { IngressSpec } from '../config/schema/ingress.ts';

/** null: those of every class. */
export function ofClass(resources: ResourceSet, wanted: string | null): ResourceSet {
  if (wanted === null) return resources;
  const ingresses = resources.ingresses.filter((ingress) => classOf(ingress) === wanted);
  return { ...resources, ingresses };
}

/** The older annotation wins over the field, as with controllers. */
function classOf({ metadata, spec }: Resource<'Ingress', IngressSpec>): string {
  return metadata.annotations['kubernetes.io/ingress.class'] ?? spec.ingressClassName ?? '';
}
