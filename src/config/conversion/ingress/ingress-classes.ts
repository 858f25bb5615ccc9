/** Which Ingresses are served here, by their class, and how each is read. */

import { inIstioOrder } from '../../translate/istio-resources.ts';
import { translationCode } from '../../translate/translation-findings.ts';
import { hasNginxAnnotation } from './annotations/annotation-names.ts';
import { classAnnotation, classOf, type NamedClass } from './ingress-class.ts';
import type { Dialect, Ingress, IngressContext } from './ingress-rule.ts';

const istioController = 'istio.io/ingress-controller';
const ownController = 'sluice.dev/ingress-controller';

/** The class that is served whatever the mesh says; it needs no IngressClass. */
const ownClass = 'sluice';

const nginxClass = 'nginx';
const nginxController = 'k8s.io/ingress-nginx';

export interface ServedIngress {
  readonly ingress: Ingress;
  readonly dialect: Dialect;
}

/** In Istio's order. Where the proxy has no labels from the user every Ingress is served. */
export function servedIngresses(context: Omit<IngressContext, 'isTlsHost'>): ServedIngress[] {
  const { resources, settings } = context;
  const served: ServedIngress[] = [];
  for (const ingress of inIstioOrder(resources.ingresses)) {
    const named = classOf(ingress, resources.ingressClasses);
    if (!settings.selectorsApply || isOfIstio(named, context) || isOwn(named)) {
      served.push({ ingress, dialect: dialectOf(ingress, named, context) });
    } else reportOtherClass(ingress, named, context);
  }
  return served;
}

/** In a mesh Istio's class knows nothing of annotations of nginx's controller. */
function dialectOf(
  { metadata }: Ingress,
  named: NamedClass,
  context: Pick<IngressContext, 'settings'>,
): Dialect {
  const isIstio = isOfIstio(named, context);
  if (isIstio && context.settings.selectorsApply) return 'istio';
  const isNginx = named.name === nginxClass || named.controller === nginxController;
  if (isNginx || hasNginxAnnotation(metadata.annotations)) return 'nginx';
  return isIstio ? 'istio' : 'kubernetes';
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
      if (controller !== null) return controller === istioController;
      // Without labels no IngressClass is needed for what the name says; Istio takes a name without
      // one for none.
      return settings.selectorsApply ? controllerMode === 'DEFAULT' : name === className;
  }
}

function isOwn({ by, name, controller }: NamedClass): boolean {
  return name === ownClass || (by !== 'annotation' && controller === ownController);
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
