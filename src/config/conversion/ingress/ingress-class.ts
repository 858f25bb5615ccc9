/** The class of an Ingress: what it says of it, or else the IngressClass of those that say nothing. */

import { compareText } from '../../../base/compare-text.ts';
import type { Ingress, IngressClass } from './ingress-rule.ts';

/** Annotation of old files; it goes before the field, as with controllers. */
export const classAnnotation = 'kubernetes.io/ingress.class';

/** Of an IngressClass: that of Ingresses that name none. */
const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class';

export interface NamedClass {
  readonly by: 'annotation' | 'field' | 'default' | 'nothing';
  /** Empty where nothing names one. */
  readonly name: string;
  /** null where there is no IngressClass of that name. */
  readonly controller: string | null;
}

export function classOf({ metadata, spec }: Ingress, classes: readonly IngressClass[]): NamedClass {
  const annotation = metadata.annotations[classAnnotation];
  const name = annotation ?? spec.ingressClassName;
  if (name !== undefined) {
    const named = classes.find((each) => each.metadata.name === name);
    const controller = named === undefined ? null : (named.spec.controller ?? '');
    return { by: annotation === undefined ? 'field' : 'annotation', name, controller };
  }
  const byDefault = defaultClass(classes);
  if (byDefault === null) return { by: 'nothing', name: '', controller: null };
  const { metadata: own, spec: rest } = byDefault;
  return { by: 'default', name: own.name, controller: rest.controller ?? '' };
}

/** Of several Kubernetes takes the newest one, then the first by name. */
function defaultClass(classes: readonly IngressClass[]): IngressClass | null {
  const [first] = classes
    .filter(({ metadata }) => metadata.annotations[defaultClassAnnotation] === 'true')
    .sort(
      ({ metadata: a }, { metadata: b }) =>
        b.creationTimestamp - a.creationTimestamp || compareText(a.name, b.name),
    );
  return first ?? null;
}
