/** Ingresses written in a test, and what a gateway makes of them. */

import type { Finding } from '../../../../src/config/finding.ts';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import type { MeshConfig } from '../../../../src/config/schema/mesh-config.ts';
import { mergeMeshSettings } from '../../../../src/config/settings/mesh-settings.ts';
import type { Translation } from '../../../../src/config/translate/mesh.ts';
import { gateway, routes, sidecar, translate } from '../../translate/translate-yaml.ts';

/** Labels of Istio's ingress gateway: classes count. */
export const labelled: ProxySettings = gateway;

/** No labels from the user: every Ingress is served. */
export const local: ProxySettings = { ...sidecar, selectorsApply: false };

export function withMesh(config: MeshConfig): ProxySettings {
  return { ...labelled, mesh: mergeMeshSettings(config) };
}

/** Services a, b, c and d with port 80 of the name http. */
export const services = ['a', 'b', 'c', 'd'].map((name) => service(name)).join('');

export function service(
  name: string,
  namespace = 'default',
  ports = 'name: http, port: 80',
): string {
  return `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {clusterIP: 10.0.0.1, ports: [{${ports}}]}
`;
}

export interface IngressText {
  readonly name?: string;
  readonly namespace?: string;
  readonly annotations?: string;
  readonly created?: string;
  readonly version?: string;
}

/** `spec` in flow style. */
export function ingress(
  spec: string,
  {
    name = 'i',
    namespace = 'default',
    annotations = '{}',
    created = '2026-01-01T00:00:00Z',
    version = 'networking.k8s.io/v1',
  }: IngressText = {},
): string {
  return `---
apiVersion: ${version}
kind: Ingress
metadata: {name: ${name}, namespace: ${namespace}, annotations: ${annotations}, creationTimestamp: "${created}"}
spec: ${spec}
`;
}

/** A path in flow style; `/foo` of the type Prefix to port 80. */
export function path(text: string, to: string, pathType = 'Prefix'): string {
  return `{path: "${text}", pathType: ${pathType}, backend: {service: {name: ${to}, port: {number: 80}}}}`;
}

/** A rule in flow style. */
export function rule(host: string, ...paths: readonly string[]): string {
  return `{host: "${host}", http: {paths: [${paths.join(', ')}]}}`;
}

export const istio: IngressText = { annotations: '{kubernetes.io/ingress.class: istio}' };

/** `kind value -> service` for each route of a host on port 80. */
export function paths(translation: Translation, host: string, table = 'http.80'): string[] {
  return (routes(translation, host, table) ?? []).map(({ match, action }) => {
    const target =
      action.kind === 'forward'
        ? action.clusters.map(({ cluster }) => cluster.split('|').at(-1)?.split('.')[0]).join(', ')
        : action.kind;
    return `${match.path.kind} ${match.path.value} -> ${target}`;
  });
}

export function converted(yaml: string, settings: ProxySettings = local): Translation {
  return translate(`${services}${yaml}`, settings);
}

/** Without those that only say that addresses come from DNS. */
export function told({ findings }: Translation): Finding[] {
  return findings.filter(({ code }) => code !== 'SLC0210');
}
