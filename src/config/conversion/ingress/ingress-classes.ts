/** Which Ingresses are served here, by their class. */

import { compareText, inIstioOrder } from '../../translate/istio-resources.ts';
import { translationCode } from '../../translate/translation-findings.ts';
import type { Ingress, IngressClass, IngressContext } from './ingress-rule.ts';

/** Annotation of old files; it goes before the field, as in Istio. */
const classAnnotation = 'kubernetes.io/ingress.class';

/** Of an IngressClass: that of Ingresses that name none. */
const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class';

const istioController = 'istio.io/ingress-controller';
const ownController = 'sluice.dev/ingress-controller';

/** The class that is served whatever the mesh says; it needs no IngressClass. */
const ownClass = 'sluice';

export interface ServedIngress {
  readonly ingress: Ingress;
  /** Its class is Istio's: what Kubernetes leaves open means what it means to Istio. */
  readonly isIstio: boolean;
}

/** What an Ingress says of its class. */
interface NamedClass {
  readonly by: 'annotation' | 'field' | 'default' | 'nothing';
  readonly name: string;
  /** null where there is no IngressClass of that name, and for an annotation, which needs none. */
  readonly controller: string | null;
}

/** In Istio's order. Where the proxy has no labels from the user every Ingress is served. */
export function servedIngresses(context: Omit<IngressContext, 'isTlsHost'>): ServedIngress[] {
  const { resources, settings } = context;
  const served: ServedIngress[] = [];
  for (const ingress of inIstioOrder(resources.ingresses)) {
    const named = classOf(ingress, resources.ingressClasses);
    const isIstio = isOfIstio(named, context);
    if (!settings.selectorsApply || isIstio || isOwn(named)) served.push({ ingress, isIstio });
    else reportOtherClass(ingress, named, context);
  }
  return served;
}

function classOf({ metadata, spec }: Ingress, classes: readonly IngressClass[]): NamedClass {
  const annotation = metadata.annotations[classAnnotation];
  if (annotation !== undefined) return { by: 'annotation', name: annotation, controller: null };
  const { ingressClassName } = spec;
  if (ingressClassName !== undefined) {
    const named = classes.find((each) => each.metadata.name === ingressClassName);
    const controller = named === undefined ? null : (named.spec.controller ?? '');
    return { by: 'field', name: ingressClassName, controller };
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

function isOfIstio(
  { by, name, controller }: NamedClass,
  { settings }: Pick<IngressContext, 'settings'>,
): boolean {
  const { controllerMode, className } = settings.mesh.ingress;
  switch (by) {
    case 'annotation':
      return controllerMode !== 'OFF' && name === className;
    case 'nothing':
      return controllerMode === 'DEFAULT';
    default:
      // Without labels no IngressClass is needed for what the name says.
      if (controller === null) return !settings.selectorsApply && name === className;
      return controller === istioController;
  }
}

function isOwn({ name, controller }: NamedClass): boolean {
  return name === ownClass || controller === ownController;
}

function reportOtherClass(
  ingress: Ingress,
  { by, name, controller }: NamedClass,
  { settings, findings }: Omit<IngressContext, 'isTlsHost'>,
): void {
  const { className } = settings.mesh.ingress;
  const path =
    by === 'annotation'
      ? ['metadata', 'annotations', classAnnotation]
      : ['spec', 'ingressClassName'];
  const reason =
    by === 'nothing'
      ? 'it names no class'
      : by === 'field' && controller === null
        ? `there is no IngressClass "${name}"`
        : `its class is "${name}"`;
  findings.add(
    translationCode.ingressNotServed,
    { resource: ingress, path },
    {
      message: `the Ingress is not served: ${reason}`,
      hint:
        `served are the annotation ${classAnnotation}: ${className}, classes of the controller ` +
        `${istioController} and the class "${ownClass}"`,
    },
  );
}
