/**
 * Authorities in ConfigMaps. They are no secret, so that every proxy may read those of any
 * namespace.
 */

import { err, ok, type Result } from '../../base/result.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { ConfigMapName } from './config-map-credential.ts';
import { type Authorities, authoritiesOf } from './secrets.ts';

type ConfigMapResource = ResourceSet['configMaps'][number];

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
