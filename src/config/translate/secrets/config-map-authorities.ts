/** Reads the authorities that a `configmap://` name stands for; what cannot be used is a finding. */

import type { Secret } from '../../../model/secret.ts';
import type { SecretName } from '../../../model/tls.ts';
import { type ConfigMapName, configMapNames } from '../../registry/config-map-credential.ts';
import type { ConfigMapAuthorities, ConfigMapIndex } from '../../registry/config-maps.ts';
import { originOf } from '../../resource.ts';
import {
  type FindingPlace,
  type TranslationFindings,
  translationCode,
} from '../translation-findings.ts';
import { authorityMistakes } from './certificate-checks.ts';

export interface ConfigMapContext {
  readonly index: ConfigMapIndex;
  /** Time since the epoch; null: nothing has expired. */
  readonly nowMs: number | null;
  readonly findings: TranslationFindings;
  /** What becomes of connections without them. */
  readonly consequence: string;
}

/** Of all that can be used together; null: there is none. `place` is where they are named. */
export function configMapAuthorities(
  name: SecretName,
  place: FindingPlace,
  context: ConfigMapContext,
): Secret | null {
  const usable = configMapNames(name).flatMap((one) => readOne(one, place, context) ?? []);
  const [first] = usable;
  if (first === undefined) return null;
  const lists = usable.flatMap(({ authorities }) => authorities.revocationList ?? []);
  return {
    name,
    certificate: null,
    privateKey: null,
    trustedCa: usable.map(({ authorities }) => authorities.trustedCa).join('\n'),
    revocationList: lists.length === 0 ? null : lists.join('\n'),
    origin: originOf(first.resource),
  };
}

function readOne(
  name: ConfigMapName,
  place: FindingPlace,
  { index, nowMs, findings, consequence }: ConfigMapContext,
): ConfigMapAuthorities | null {
  const found = index.authorities(name);
  if (!found.ok) {
    const message = `${found.error}; ${consequence}`;
    const hint = `add a ConfigMap "${name.name}" with ca.crt to namespace ${name.namespace}`;
    findings.add(translationCode.missingSecret, place, { message, hint });
    return null;
  }
  const { resource, authorities } = found.value;
  const mistakes = authorityMistakes(authorities, nowMs);
  for (const { key, message, hint, isFatal } of mistakes) {
    const text = isFatal ? `${message}; ${consequence}` : message;
    const where = { resource, path: ['data', key] };
    findings.add(translationCode.badCertificate, where, { message: text, hint });
  }
  if (mistakes.some(({ isFatal }) => isFatal)) return null;
  return found.value;
}
