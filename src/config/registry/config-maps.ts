/**
 * Authorities in ConfigMaps, as Istio has them for the Gateway API: a `credentialName` that begins
 * with `configmap://`. They are no secret, so that every proxy may read those of any namespace.
 */

import { err, ok, type Result } from '../../base/result.ts';
import type { ResourceSet } from '../resource-set.ts';
import { type Authorities, authoritiesOf } from './secrets.ts';

export type ConfigMapResource = ResourceSet['configMaps'][number];

const scheme = 'configmap://';
const noneScheme = 'invalid://';

/** `configmap://shop/ours,theirs`: the authorities of both. */
export function configMapCredential(namespace: string, names: readonly string[]): string {
  return `${scheme}${namespace}/${names.join(',')}`;
}

/** Stands for authorities that cannot be used, as in Istio: no connection is made. */
export function noCredential(namespace: string, name: string): string {
  return `${noneScheme}${namespace}/${name}`;
}

export function isConfigMapCredential(credentialName: string): boolean {
  return credentialName.startsWith(scheme);
}

export function isNoCredential(credentialName: string): boolean {
  return credentialName.startsWith(noneScheme);
}

export interface ConfigMapName {
  readonly namespace: string;
  readonly name: string;
}

export function configMapNames(credentialName: string): ConfigMapName[] {
  const [namespace = '', names = ''] = credentialName.slice(scheme.length).split('/');
  return names.split(',').map((name) => ({ namespace, name }));
}

export interface ConfigMapAuthorities {
  readonly resource: ConfigMapResource;
  readonly authorities: Authorities;
}

export class ConfigMapIndex {
  readonly #configMaps: ReadonlyMap<string, ConfigMapResource>;

  constructor(configMaps: readonly ConfigMapResource[]) {
    this.#configMaps = new Map(
      configMaps.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]),
    );
  }

  /** The error says what is missing. */
  authorities({ namespace, name }: ConfigMapName): Result<ConfigMapAuthorities, string> {
    const resource = this.#configMaps.get(`${namespace}/${name}`);
    if (resource === undefined) return err(`there is no ConfigMap ${namespace}/${name}`);
    const found = authoritiesOf({ spec: { stringData: resource.spec.data ?? {} } });
    if (!found.ok) return err(`the ConfigMap ${namespace}/${name} cannot be used: ${found.error}`);
    return ok({ resource, authorities: found.value });
  }
}
