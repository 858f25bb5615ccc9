/** Certificates that clients of a listener show: from `tls.frontend` of its Gateway. */

import type { Path } from '../../problem.ts';
import { type ConfigMapName, configMapCredential } from '../../registry/config-map-credential.ts';
import type { ServerTlsSettings } from '../../schema/gateway.ts';
import type { FrontendValidation, GatewayApiListener } from '../../schema/gateway-api/gateway.ts';
import type { ObjectReference } from '../../schema/gateway-api/references.ts';
import type { KubernetesGateway } from './attachment.ts';
import { authoritiesMistake } from './backend-authorities.ts';
import { type ReferenceMistake, ungrantedMistake } from './certificates.ts';
import type { GatewayApiContext } from './context.ts';

export interface ClientValidation {
  /** To add to the TLS settings of a server; null: it cannot be served. */
  readonly settings: Partial<ServerTlsSettings> | null;
  /** Where it is written. */
  readonly path: Path;
  readonly mistakes: readonly ReferenceMistake[];
}

interface WrittenValidation {
  readonly validation: FrontendValidation;
  readonly path: Path;
}

interface Listener {
  readonly spec: GatewayApiListener;
  readonly path: Path;
}

/** null: clients are asked for no certificate. */
export function clientValidationOf(
  gateway: KubernetesGateway,
  listener: Listener,
  context: GatewayApiContext,
): ClientValidation | null {
  const written = writtenFor(gateway, listener);
  if (written === null) return null;
  const { validation, path } = written;
  const mistakes: ReferenceMistake[] = [];
  const usable: ConfigMapName[] = [];
  for (const [index, ref] of validation.caCertificateRefs.entries()) {
    const mistake = referenceMistake(gateway, ref, context);
    const place = [...path, 'caCertificateRefs', index];
    if (mistake !== null) mistakes.push({ ...mistake, path: place });
    else usable.push({ namespace: ref.namespace ?? gateway.metadata.namespace, name: ref.name });
  }
  return { settings: settingsOf(validation, usable), path, mistakes };
}

/** Who asks for a valid certificate serves nobody without authorities. */
function settingsOf(
  { mode }: FrontendValidation,
  usable: readonly ConfigMapName[],
): Partial<ServerTlsSettings> | null {
  if (usable.length === 0) return null;
  const caCertCredentialName = configMapCredential(usable);
  if (mode !== 'AllowInsecureFallback') return { mode: 'MUTUAL', caCertCredentialName };
  return { mode: 'OPTIONAL_MUTUAL', caCertCredentialName, insecureSkipVerify: true };
}

/** That of the listener itself is how it was written before; then that of its port. */
function writtenFor(
  gateway: KubernetesGateway,
  { spec, path }: Listener,
): WrittenValidation | null {
  const own = spec.tls?.frontendValidation;
  if (own !== undefined) return { validation: own, path: [...path, 'tls', 'frontendValidation'] };
  const { perPort = [], default: fallback } = gateway.spec.tls?.frontend ?? {};
  const base = ['spec', 'tls', 'frontend'];
  const index = perPort.findIndex(({ port }) => port === spec.port);
  const chosen = index === -1 ? fallback : perPort[index]?.tls;
  if (chosen?.validation === undefined) return null;
  const place = index === -1 ? [...base, 'default'] : [...base, 'perPort', index, 'tls'];
  return { validation: chosen.validation, path: [...place, 'validation'] };
}

function referenceMistake(
  gateway: KubernetesGateway,
  { group = '', kind = 'ConfigMap', name, namespace: named }: ObjectReference,
  { configMaps, grants }: GatewayApiContext,
): Omit<ReferenceMistake, 'path'> | null {
  const namespace = named ?? gateway.metadata.namespace;
  if (group !== '' || kind !== 'ConfigMap') {
    const message = `authorities are in a ConfigMap, not in a ${kind} of group "${group}"`;
    return { reason: 'InvalidCACertificateKind', message, isRefused: true };
  }
  const ungranted = ungrantedMistake(gateway, { group, kind, namespace, name }, grants);
  if (ungranted !== null) return ungranted;
  const message = authoritiesMistake({ namespace, name }, configMaps);
  return message === null ? null : { reason: 'InvalidCACertificateRef', message, isRefused: true };
}
