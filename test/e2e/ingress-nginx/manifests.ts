/** The Services of the cases as manifests, and the Secret of the hosts with TLS. */

import { pem } from '../../support/tls-fixtures.ts';

interface ServicePorts {
  readonly port: number;
  /** Names of backends. */
  readonly endpoints: readonly string[];
}

const services: Readonly<Record<string, ServicePorts>> = {
  web: { port: 80, endpoints: ['web'] },
  api: { port: 80, endpoints: ['api'] },
  canary: { port: 80, endpoints: ['canary'] },
  errors: { port: 80, endpoints: ['errors'] },
  mirror: { port: 80, endpoints: ['mirror'] },
  rpc: { port: 80, endpoints: ['rpc'] },
  secure: { port: 443, endpoints: ['secure'] },
  flaky: { port: 80, endpoints: ['bad', 'web'] },
  empty: { port: 80, endpoints: [] },
  pool: { port: 80, endpoints: ['pool-1', 'pool-2', 'pool-3'] },
};

export function manifests(ports: ReadonlyMap<string, number>): string {
  const documents = Object.entries(services).map(([name, { port, endpoints }]) => {
    const subsets = endpoints.map((endpoint) => {
      const number = ports.get(endpoint) ?? 0;
      return `{addresses: [{ip: 127.0.0.1}], ports: [{name: http, port: ${number}}]}`;
    });
    return `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{name: http, port: ${port}}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: ${name}}
subsets: [${subsets.join(', ')}]
`;
  });
  return [...documents, secret()].join('---\n');
}

function secret(): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Secret
metadata: {name: certificate}
type: kubernetes.io/tls
data: {tls.crt: ${base64(pem('server-a'))}, tls.key: ${base64(pem('server-a.key'))}}
`;
}
