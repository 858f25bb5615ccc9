/**
 * Names of authorities in ConfigMaps, as Istio has them for the Gateway API: a `credentialName` that
 * begins with `configmap://`.
 */

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
