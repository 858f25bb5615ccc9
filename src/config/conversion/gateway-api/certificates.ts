/** Certificates of a listener: which of its `certificateRefs` can be used, and why others cannot. */

import type { Path } from '../../problem.ts';
import { keyPairOf } from '../../registry/secrets.ts';
import type { GatewayApiListener } from '../../schema/gateway-api/gateway.ts';
import { gatewayApiGroup, type ObjectReference } from '../../schema/gateway-api/references.ts';
import { keyPairMistakes } from '../../translate/secrets/certificate-checks.ts';
import type { KubernetesGateway } from './attachment.ts';
import type { Mistake } from './conditions.ts';
import type { GatewayApiContext } from './context.ts';
import type { GrantedReference, ReferenceGrants } from './grants.ts';
import { terminateMode } from './terminate-mode.ts';

/** A reference that is no use, and where it stands. */
export interface ReferenceMistake extends Mistake {
  readonly path: Path;
  /** It must not be used, or names nothing; else translation finds what is wrong with it. */
  readonly isRefused: boolean;
}

export interface Certificates {
  /** In Istio's words, for `credentialNames`. */
  readonly credentialNames: readonly string[];
  /** Index in `certificateRefs` of each of the names. */
  readonly indexes: readonly number[];
  readonly mistakes: readonly ReferenceMistake[];
}

/** A Secret of the Gateway API in Istio's words: of whatever namespace, since that was granted. */
export function gatewayCredential(namespace: string, name: string): string {
  return `kubernetes-gateway://${namespace}/${name}`;
}

/** `path`: that of the listener. */
export function certificatesOf(
  gateway: KubernetesGateway,
  { spec, path }: { readonly spec: GatewayApiListener; readonly path: Path },
  context: GatewayApiContext,
): Certificates {
  const credentialNames: string[] = [];
  const indexes: number[] = [];
  const mistakes: ReferenceMistake[] = [];
  const refs = spec.tls?.certificateRefs ?? [];
  const needsOne = !context.settings.localTls && terminateMode(spec) !== 'ISTIO_MUTUAL';
  if (refs.length === 0 && needsOne) {
    const message = 'certificateRefs names no Secret with a certificate';
    mistakes.push({ reason: 'InvalidCertificateRef', message, path, isRefused: true });
  }
  for (const [index, ref] of refs.entries()) {
    const place = [...path, 'tls', 'certificateRefs', index];
    const mistake = secretMistake(gateway, ref, context);
    if (mistake !== null) mistakes.push({ ...mistake, path: place });
    if (mistake?.isRefused === true) continue;
    const { name, namespace = gateway.metadata.namespace } = ref;
    credentialNames.push(gatewayCredential(namespace, name));
    indexes.push(index);
  }
  return { credentialNames, indexes, mistakes };
}

/** What is wrong where an object of another namespace is not granted to Gateways of this one. */
export function ungrantedMistake(
  gateway: KubernetesGateway,
  to: GrantedReference['to'],
  grants: ReferenceGrants,
): Omit<ReferenceMistake, 'path'> | null {
  const own = gateway.metadata.namespace;
  const from = { group: gatewayApiGroup, kind: 'Gateway', namespace: own };
  if (grants.permits({ from, to })) return null;
  const message =
    `no ReferenceGrant in namespace ${to.namespace} lets Gateways of namespace ${own} ` +
    `use the ${to.kind} ${to.name}`;
  const who = `{group: ${from.group}, kind: ${from.kind}, namespace: ${own}}`;
  const hint = `add a ReferenceGrant to namespace ${to.namespace} with from: [${who}]`;
  return { reason: 'RefNotPermitted', message, hint, isRefused: true };
}

/** Why a Secret that the Gateway names with a certificate cannot be used. */
export function secretMistake(
  gateway: KubernetesGateway,
  ref: ObjectReference,
  { secrets, grants }: GatewayApiContext,
): Omit<ReferenceMistake, 'path'> | null {
  const { group = '', kind = 'Secret', name } = ref;
  const namespace = ref.namespace ?? gateway.metadata.namespace;
  const reason = 'InvalidCertificateRef';
  if (group !== '' || kind !== 'Secret') {
    const message = `a certificate is in a Secret, not in a ${kind} of group "${group}"`;
    return { reason, message, isRefused: true };
  }
  const ungranted = ungrantedMistake(gateway, { group, kind, namespace, name }, grants);
  if (ungranted !== null) return ungranted;
  const secret = secrets.find(namespace, name);
  if (secret === null) {
    const message = `there is no Secret ${namespace}/${name}`;
    return { reason, message, isRefused: false };
  }
  const pair = keyPairOf(secret);
  const mistake = pair.ok
    ? keyPairMistakes(pair.value, null).find(({ isFatal }) => isFatal)?.message
    : pair.error;
  if (mistake === undefined) return null;
  return { reason, message: `the Secret ${namespace}/${name}: ${mistake}`, isRefused: false };
}
