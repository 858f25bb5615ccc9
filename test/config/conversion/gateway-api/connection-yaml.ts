/** YAML of the Gateway API around connections, and what becomes of it. */

import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import type { Translation } from '../../../../src/config/translate/mesh.ts';
import { summarize } from '../../translate/chain-summaries.ts';
import { gateway, resource, sidecar } from '../../translate/translate-yaml.ts';

/** Serves every Gateway, as a user at home does. */
export const atHome: ProxySettings = {
  ...gateway,
  selectorsApply: false,
  identity: { ...gateway.identity, namespace: 'default' },
};

export function clientOf(namespace: string, port = 80): ProxySettings {
  return {
    ...sidecar,
    identity: { ...sidecar.identity, namespace },
    outbound: [{ address: '127.0.0.1', port: 15001, servicePort: port }],
  };
}

/** Of the Gateway API: `spec` in flow style or indented by two. */
export function gatewayApi(kind: string, name: string, spec: string, created = 1): string {
  const written = resource(kind, name, spec);
  const day = String(created).padStart(2, '0');
  return written
    .replace('networking.istio.io/v1', 'gateway.networking.k8s.io/v1')
    .replace('metadata: {', `metadata: {creationTimestamp: "2026-01-${day}T00:00:00Z", `);
}

export function edge(...listeners: readonly string[]): string {
  return gatewayApi('Gateway', 'edge', `{gatewayClassName: istio, listeners: [${listeners}]}`);
}

/** A Service with an endpoint for each of its ports, `80 http`. */
export function kubernetesService(name: string, ...ports: readonly string[]): string {
  const [namespace = '', own = ''] = name.includes('/') ? name.split('/') : ['default', name];
  const list = ports.map((text) => {
    const [port = '', word = ''] = text.split(' ');
    return `{port: ${port}, name: ${word}}`;
  });
  const metadata = `metadata: {name: ${own}, namespace: ${namespace}}`;
  const endpoints = ports.map(
    (text) => `{port: ${text.split(' ')[0]}, name: ${text.split(' ')[1]}}`,
  );
  return `---
apiVersion: v1
kind: Service
${metadata}
spec: {ports: [${list.join(', ')}]}
---
apiVersion: v1
kind: Endpoints
${metadata}
subsets: [{addresses: [{ip: 10.1.0.1}], ports: [${endpoints.join(', ')}]}]
`;
}

/** `port conditions -> clusters` of each chain, short names of hosts in place of full ones. */
export function chains({ mesh }: Translation): string[] {
  return mesh.listeners.flatMap((listener) =>
    listener.filterChains.map((chain) => `${listener.servicePort} ${short(summarize(chain))}`),
  );
}

export function short(text: string): string {
  return text.replaceAll(/outbound\|(\d+)\|([^|]*)\|([^ ]*?)\.svc\.cluster\.local/g, '$3:$1$2');
}

/** `part type status reason` of each condition of a resource. */
export function conditions({ statuses }: Translation, kind: string, name: string): string[] {
  const found = statuses.find((one) => one.kind === kind && one.name === name);
  if (found === undefined) return [];
  const parts = [{ name: '-', conditions: found.conditions }, ...found.parts];
  return parts.flatMap((part) =>
    part.conditions.map(({ type, status, reason }) => `${part.name} ${type} ${status} ${reason}`),
  );
}

/** `code path` of all. */
export function found({ findings }: Translation): string[] {
  return findings.map(({ code, path }) => `${code} ${path}`);
}
