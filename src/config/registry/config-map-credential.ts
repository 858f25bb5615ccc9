/**
 * Names of authorities in ConfigMaps, as Istio has them for the Gateway API: a `credentialName` that
 * begins with `configmap://`.
 */

const scheme = 'configmap://';
const noneScheme = 'invalid://';

/** `configmap://shop/ours,office/theirs`: the authorities of both. */
export function configMapCredential(names: readonly ConfigMapName[]): string {
  return scheme + names.map(({ namespace, name }) => `${namespace}/${name}`).join(',');
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

/** A name without a namespace has that of the one before it. */
export function configMapNames(credentialName: string): ConfigMapName[] {
  let namespace = '';
  return credentialName
    .slice(scheme.length)
    .split(',')
    .map((written) => {
      const [first = '', name] = written.split('/');
      if (name === undefined) return { namespace, name: first };
      namespace = first;
      return { namespace, name };
    });
}
