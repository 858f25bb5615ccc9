/** Gateways of the Gateway API as Gateways of Istio: one for each listener, as Istio makes them. */

import type { Path } from '../../problem.ts';
import type { Resource } from '../../resource.ts';
import type { GatewaySpec, ServerTlsSettings } from '../../schema/gateway.ts';
import { type FindingPlace, translationCode } from '../../translate/translation-findings.ts';
import { madeResource } from '../made-resource.ts';
import type { Condition, PartStatus, ResourceStatus } from '../resource-status.ts';
import type { KubernetesGateway } from './attachment.ts';
import { secretMistake } from './certificates.ts';
import { conditionOf, fails, holds, type Mistake } from './conditions.ts';
import type { GatewayApiContext } from './context.ts';
import { type BoundListener, readListeners, withNarrowerHosts } from './listeners.ts';
import type { TakenPorts } from './taken-ports.ts';

/** A Gateway that this proxy serves. */
export interface ServedGateway {
  readonly resource: KubernetesGateway;
  readonly listeners: readonly BoundListener[];
  readonly conditions: readonly Condition[];
}

/** `ports`: those of the Gateways before it. */
export function readGateway(
  resource: KubernetesGateway,
  context: GatewayApiContext,
  ports: TakenPorts,
): ServedGateway {
  const refused = addressMistake(resource, context) ?? parametersMistake(resource, context);
  const read = readListeners(resource, context);
  const listeners = withNarrowerHosts(
    refused === null
      ? read.map((listener) => ports.take(listener, context))
      : read.map(withoutService),
  );
  const programmed = listeners.some((listener) => holdsFor(listener, 'Programmed'));
  const mistake = programmed
    ? null
    : { reason: 'Invalid', message: 'no listener of the Gateway is served' };
  return {
    resource,
    listeners,
    conditions: [
      refused === null ? acceptance(listeners) : conditionOf('Accepted', refused),
      conditionOf('Programmed', mistake, 'the Gateway is served'),
      ...backendTlsCondition(resource, context),
      ...insecureCondition(listeners),
    ],
  };
}

/** Of a Gateway with nothing wrong of its own. */
function acceptance(listeners: readonly BoundListener[]): Condition {
  const reason = 'ListenersNotValid';
  if (!listeners.some((listener) => holdsFor(listener, 'Accepted'))) {
    return fails('Accepted', reason, 'no listener is valid');
  }
  return listeners.every((listener) => holdsFor(listener, 'Programmed'))
    ? holds('Accepted', 'Accepted', 'the Gateway is valid')
    : holds('Accepted', reason, 'some listeners are not valid');
}

function holdsFor({ conditions }: BoundListener, wanted: string): boolean {
  return conditions.some(({ type, status }) => type === wanted && status === 'True');
}

function withoutService(listener: BoundListener): BoundListener {
  const conditions = listener.conditions.map((condition) =>
    condition.type === 'Programmed'
      ? fails('Programmed', 'Invalid', 'the Gateway is not accepted')
      : condition,
  );
  return { ...listener, conditions, isServed: false };
}

const addressTypes: ReadonlySet<string> = new Set(['IPAddress', 'Hostname']);

/** Where it listens is said elsewhere; what is no address at all may mean anything. */
function addressMistake(resource: KubernetesGateway, context: GatewayApiContext): Mistake | null {
  for (const [index, { type = 'IPAddress' }] of (resource.spec.addresses ?? []).entries()) {
    if (addressTypes.has(type)) continue;
    const message = `there are no addresses of type ${type}, but IPAddress and Hostname`;
    const mistake = { reason: 'UnsupportedAddress', message };
    reportGateway(mistake, { resource, path: ['spec', 'addresses', index, 'type'] }, context);
    return mistake;
  }
  return null;
}

/** Istio takes a ConfigMap with what is deployed; nothing is deployed here. */
function parametersMistake(
  resource: KubernetesGateway,
  context: GatewayApiContext,
): Mistake | null {
  const ref = resource.spec.infrastructure?.parametersRef;
  if (ref === undefined || (ref.group === '' && ref.kind === 'ConfigMap')) return null;
  const message = `parameters are in a ConfigMap, not in a ${ref.kind} of group "${ref.group}"`;
  const mistake = { reason: 'InvalidParameters', message };
  const path = ['spec', 'infrastructure', 'parametersRef'];
  reportGateway(mistake, { resource, path }, context);
  return mistake;
}

function reportGateway(
  { reason, message }: Mistake,
  place: FindingPlace,
  { findings }: GatewayApiContext,
): void {
  const text = { message: `the Gateway is not served (${reason}): ${message}` };
  findings.add(translationCode.listenerNotServed, place, text);
}

/** `ResolvedRefs` of the certificate that backends are shown, where there is one. */
function backendTlsCondition(
  resource: KubernetesGateway,
  context: GatewayApiContext,
): readonly Condition[] {
  const { tls, backendTLS } = resource.spec;
  const ref = (tls?.backend ?? backendTLS)?.clientCertificateRef;
  if (ref === undefined) return [];
  const mistake = secretMistake(resource, ref, context);
  if (mistake === null) return [conditionOf('ResolvedRefs', null, 'all references resolve')];
  const { message, hint = null, isRefused } = mistake;
  const reason =
    isRefused && mistake.reason === 'RefNotPermitted'
      ? 'RefNotPermitted'
      : 'InvalidClientCertificateRef';
  const place = tls?.backend === undefined ? ['backendTLS'] : ['tls', 'backend'];
  const path = ['spec', ...place, 'clientCertificateRef'];
  const text = { message: `the reference is not used (${reason}): ${message}`, hint };
  context.findings.add(translationCode.unusableReference, { resource, path }, text);
  return [conditionOf('ResolvedRefs', { reason, message })];
}

/** Where clients are let in whatever certificate they show. */
function insecureCondition(listeners: readonly BoundListener[]): readonly Condition[] {
  const insecure = listeners.find(({ tls }) => tls?.settings.insecureSkipVerify === true);
  if (insecure === undefined) return [];
  const message = `listener "${insecure.spec.name}" takes certificates that are not valid`;
  return [holds('InsecureFrontendValidationMode', 'ConfigurationChanged', message)];
}

/** Name of the Istio Gateway made for a listener; that which Istio gives it. */
export function madeGatewayName({ gateway, spec }: BoundListener): string {
  return `${gateway.metadata.name}-istio-autogenerated-k8s-gateway-${spec.name}`;
}

/** For those of the listeners that are served. */
export function madeGateways({ listeners }: ServedGateway): Resource<'Gateway', GatewaySpec>[] {
  return listeners.filter(({ isServed }) => isServed).map(madeGateway);
}

function madeGateway(listener: BoundListener): Resource<'Gateway', GatewaySpec> {
  const { gateway, spec, hostname, tls } = listener;
  const { name, port, protocol } = spec;
  const server = {
    name: 'default',
    port: { number: port, name, protocol },
    hosts: [hostname],
    ...(tls === null ? {} : { tls: grantedTls(tls.settings) }),
  };
  return madeResource({
    kind: 'Gateway',
    name: madeGatewayName(listener),
    spec: { servers: [server] },
    from: gateway,
    pathOf: (path) => writtenPath(path, listener),
  });
}

/** Only references that are permitted are among those of the listener. */
function grantedTls(settings: ServerTlsSettings): ServerTlsSettings {
  return settings.credentialNames === undefined ? settings : { ...settings, isGranted: true };
}

/** From a field of the made Gateway to that of the listener. */
function writtenPath(path: Path, { path: listener, tls }: BoundListener): Path {
  if (path[0] !== 'spec') return path;
  const [field, inner, index] = path.slice(3);
  switch (field) {
    case 'hosts':
      return [...listener, 'hostname'];
    case 'port':
      return [...listener, inner === 'name' || inner === 'protocol' ? inner : 'port'];
    case 'tls':
      if (inner === 'credentialNames' && typeof index === 'number') {
        return tls?.certificatePaths[index] ?? [...listener, 'tls'];
      }
      return inner === 'caCertCredentialName' && tls?.clientPath
        ? [...tls.clientPath, 'caCertificateRefs']
        : [...listener, 'tls'];
    default:
      return listener;
  }
}

export interface AttachedCount {
  /** Number of routes that are attached to a listener. */
  routesOf(listener: BoundListener): number;
}

export function gatewayStatus(
  { resource, listeners, conditions }: ServedGateway,
  count: AttachedCount,
): ResourceStatus {
  const parts = listeners.map(
    (listener): PartStatus => ({
      name: listener.spec.name,
      attachedRoutes: count.routesOf(listener),
      supportedKinds: listener.kinds,
      conditions: listener.conditions,
    }),
  );
  const { namespace, name } = resource.metadata;
  return { kind: 'Gateway', namespace, name, conditions, parts };
}
