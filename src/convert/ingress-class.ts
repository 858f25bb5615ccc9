/** Which Ingresses are converted. */

import { classOf } from '../config/conversion/ingress/ingress-class.ts';
import type { ResourceSet } from '../config/resource-set.ts';

/** null: those of every class. */
export function ofClass(resources: ResourceSet, wanted: string | null): ResourceSet {
  if (wanted === null) return resources;
  const { ingressClasses } = resources;
  const ingresses = resources.ingresses.filter(
    (ingress) => classOf(ingress, ingressClasses).name === wanted,
  );
  return { ...resources, ingresses };
}
