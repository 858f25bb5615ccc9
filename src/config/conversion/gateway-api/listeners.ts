/** Listeners of a Gateway: what is served of them, and their conditions. */

import type { Path } from '../../problem.ts';
import type { ServerTlsSettings } from '../../schema/gateway.ts';
import type { GatewayApiListener } from '../../schema/gateway-api/gateway.ts';
import { type FindingPlace, translationCode } from '../../translate/translation-findings.ts';
import type { Condition } from '../resource-status.ts';
import type { KubernetesGateway, RouteKind } from './attachment.ts';
import { type Certificates, certificatesOf, type ReferenceMistake } from './certificates.ts';
import { type ClientValidation, clientValidationOf } from './client-validation.ts';
import { conditionOf, fails, holds, type Mistake } from './conditions.ts';
import type { GatewayApiContext } from './context.ts';
import { covers } from './hostnames.ts';
import { hostOf, listenerConflicts } from './listener-conflicts.ts';
import { type ListenerProtocol, listenerProtocol, routeKinds } from './listener-kinds.ts';
import { terminateMode, terminateModeMistake } from './terminate-mode.ts';

export interface BoundListener {
  readonly gateway: KubernetesGateway;
  readonly spec: GatewayApiListener;
  /** `['spec', 'listeners', 0]`. */
  readonly path: Path;
  /** null: not served. */
  readonly protocol: ListenerProtocol | null;
  /** In lower case; `*` where the listener names none. */
  readonly hostname: string;
  /** Of the routes that may attach. */
  readonly kinds: readonly RouteKind[];
  readonly conditions: readonly Condition[];
  readonly isServed: boolean;
  /** Hosts within this one's that another served listener of the port has, with its own routes. */
  readonly narrowerHosts: readonly string[];
  readonly tls: ListenerTlsSettings | null;
}

/** TLS of a listener in Istio's words. */
export interface ListenerTlsSettings {
  readonly settings: ServerTlsSettings;
  /** Place of each of its `credentialNames`, and of the settings for client certificates. */
  readonly certificatePaths: readonly Path[];
  readonly clientPath: Path | null;
}

/** In their order. What is wrong is told. */
export function readListeners(
  gateway: KubernetesGateway,
  context: GatewayApiContext,
): readonly BoundListener[] {
  const { listeners = [] } = gateway.spec;
  const conflicts = listenerConflicts(listeners);
  return listeners.map((spec, index) => {
    const path = ['spec', 'listeners', index];
    return readListener({ gateway, spec, path, conflict: conflicts[index] ?? null }, context);
  });
}

/** Those of a Gateway, once it is known which are served: what is not takes no host from others. */
export function withNarrowerHosts(listeners: readonly BoundListener[]): readonly BoundListener[] {
  const served = listeners.filter(({ isServed }) => isServed);
  return listeners.map((listener) => {
    const { hostname, spec } = listener;
    const narrowerHosts = served
      .filter((other) => other.spec.port === spec.port && other.hostname !== hostname)
      .map((other) => other.hostname)
      .filter((other) => covers(hostname, other));
    return { ...listener, narrowerHosts };
  });
}

interface WrittenListener {
  readonly gateway: KubernetesGateway;
  readonly spec: GatewayApiListener;
  readonly path: Path;
  readonly conflict: Mistake | null;
}

function readListener(written: WrittenListener, context: GatewayApiContext): BoundListener {
  const { gateway, spec, path, conflict } = written;
  const protocol = listenerProtocol(spec);
  const { kinds, mistakes: kindMistakes } = routeKinds(spec, protocol);
  const ends = protocol === 'HTTPS' || protocol === 'TLS';
  const certificates = ends ? certificatesOf(gateway, { spec, path }, context) : null;
  const clients = ends ? clientValidationOf(gateway, { spec, path }, context) : null;
  const references = [...(certificates?.mistakes ?? []), ...(clients?.mistakes ?? [])];
  const mode = ends ? terminateModeMistake(spec) : null;
  const refused = conflict ?? unsupported(spec, protocol) ?? mode ?? withoutAuthorities(clients);
  const unresolved = kindMistakes[0] ?? references[0] ?? null;
  const hasCertificate = certificates === null || isShowable(spec, certificates, context);
  const isBroken = (certificates?.mistakes.length ?? 0) > 0 && !hasValidOne(certificates);
  report(written, { refused, references, kindMistakes }, context);
  return {
    gateway,
    spec,
    path,
    protocol,
    hostname: hostOf(spec),
    kinds,
    conditions: [
      conditionOf('Accepted', refused, 'the listener is valid'),
      programmed(refused !== null || isBroken || !hasCertificate),
      conflicted(conflict),
      conditionOf('ResolvedRefs', unresolved, 'all references resolve'),
    ],
    isServed: refused === null && hasCertificate,
    narrowerHosts: [],
    tls: tlsOf(spec, { protocol, path, certificates, clients }),
  };
}

function unsupported(spec: GatewayApiListener, protocol: ListenerProtocol | null): Mistake | null {
  if (protocol !== null) return null;
  const message = `protocol ${spec.protocol} is not served, but HTTP, HTTPS, TLS and TCP`;
  return { reason: 'UnsupportedProtocol', message };
}

function withoutAuthorities(clients: ClientValidation | null): Mistake | null {
  if (clients === null || clients.settings !== null) return null;
  const message = 'no client certificate could be valid: there are no authorities';
  return { reason: 'NoValidCACertificate', message };
}

/** Whether there may be something to show to clients: a Secret that is missing may come. */
function isShowable(
  spec: GatewayApiListener,
  { credentialNames }: Certificates,
  { settings }: GatewayApiContext,
): boolean {
  return credentialNames.length > 0 || settings.localTls || terminateMode(spec) === 'ISTIO_MUTUAL';
}

function hasValidOne(certificates: Certificates | null): boolean {
  if (certificates === null) return true;
  const broken = certificates.mistakes.filter(({ isRefused }) => !isRefused).length;
  return certificates.credentialNames.length > broken;
}

function programmed(isInvalid: boolean): Condition {
  return isInvalid
    ? fails('Programmed', 'Invalid', 'the listener is not served')
    : holds('Programmed', 'Programmed', 'the listener is served');
}

function conflicted(conflict: Mistake | null): Condition {
  return conflict === null
    ? fails('Conflicted', 'NoConflicts', 'no other listener is in its way')
    : holds('Conflicted', conflict.reason, conflict.message);
}

interface TlsParts {
  readonly protocol: ListenerProtocol | null;
  readonly path: Path;
  readonly certificates: Certificates | null;
  readonly clients: ClientValidation | null;
}

function tlsOf(spec: GatewayApiListener, parts: TlsParts): ListenerTlsSettings | null {
  const { protocol, path, certificates, clients } = parts;
  if (protocol === 'TLS passthrough') {
    return { settings: { mode: 'PASSTHROUGH' }, certificatePaths: [], clientPath: null };
  }
  if (certificates === null) return null;
  const { credentialNames, indexes } = certificates;
  const names = credentialNames.length === 0 ? {} : { credentialNames: [...credentialNames] };
  return {
    settings: { mode: terminateMode(spec), ...names, ...clients?.settings },
    certificatePaths: indexes.map((index) => [...path, 'tls', 'certificateRefs', index]),
    clientPath: clients?.path ?? null,
  };
}

interface ListenerMistakes {
  readonly refused: Mistake | null;
  readonly references: readonly ReferenceMistake[];
  readonly kindMistakes: readonly (Mistake & { readonly index: number })[];
}

function report(
  { gateway, path, spec }: WrittenListener,
  { refused, references, kindMistakes }: ListenerMistakes,
  { findings }: GatewayApiContext,
): void {
  const place = (at: Path): FindingPlace => ({ resource: gateway, path: at });
  if (refused !== null) {
    const message = `listener "${spec.name}" is not served (${refused.reason}): ${refused.message}`;
    const { hint = null } = refused;
    findings.add(translationCode.listenerNotServed, place(path), { message, hint });
  }
  for (const { reason, message, hint = null, path: at, isRefused } of references) {
    // Of others translation finds what is wrong with the Secret.
    if (!isRefused) continue;
    const text = { message: `the reference is not used (${reason}): ${message}`, hint };
    findings.add(translationCode.unusableReference, place(at), text);
  }
  for (const { index, message, reason } of kindMistakes) {
    const at = [...path, 'allowedRoutes', 'kinds', index];
    const text = { message: `the kind has no effect (${reason}): ${message}` };
    findings.add(translationCode.unusableReference, place(at), text);
  }
}
