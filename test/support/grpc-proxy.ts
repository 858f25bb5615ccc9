/** The real command between gRPC clients and their origin: a Gateway for h2c and one for TLS. */

import type { Test } from 'tap';
import { freePorts } from './free-port.ts';
import { SluiceProcess } from './sluice-process.ts';
import { tempFolder } from './temp-folder.ts';
import { tlsFile } from './tls-fixtures.ts';

export interface GrpcProxy {
  readonly proxy: SluiceProcess;
  /** HTTP/2 with prior knowledge, and HTTP/1.1. */
  readonly clear: number;
  /** `a.example.com`, and HTTP/2 by ALPN. */
  readonly tls: number;
}

export interface GrpcProxyOptions {
  readonly originPort: number;
  /** Items of the VirtualService's `http` list; default: everything to the origin. */
  readonly http?: string;
  /** More documents, for example another ServiceEntry. */
  readonly documents?: string;
}

export async function startGrpcProxy(t: Test, options: GrpcProxyOptions): Promise<GrpcProxy> {
  const [clear = 0, tls = 0, mesh = 0] = await freePorts(3);
  const folder = tempFolder({
    'grpc.yaml': grpcConfig(options),
    'more.yaml': options.documents ?? '',
  });
  const ports = ['--port', `8080=${clear}`, '--port', `8443=${tls}`];
  const args = ['-f', folder.path, '--outbound', `127.0.0.1:${mesh}`, '--access-log', 'off'];
  const proxy = await SluiceProcess.start([...args, ...ports]);
  t.teardown(async () => {
    await proxy.kill();
    folder.remove();
  });
  return { proxy, clear, tls };
}

/** Where routes go: `{host: origin.test, port: {number: 80}}`. */
export const toOrigin = 'route: [{destination: {host: origin.test, port: {number: 80}}}]';

export function grpcEntry(name: string, ports: readonly number[]): string {
  const endpoints = ports.map((port) => `{address: 127.0.0.1, ports: {grpc: ${port}}}`);
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}}
spec:
  hosts: [${name}.test]
  resolution: STATIC
  ports: [{number: 80, name: grpc, protocol: GRPC}]
  endpoints: [${endpoints.join(', ')}]
`;
}

function grpcConfig({ originPort, http }: GrpcProxyOptions): string {
  return `
${grpcEntry('origin', [originPort])}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  servers:
  - {port: {number: 8080, name: grpc, protocol: GRPC}, hosts: ["*"]}
  - port: {number: 8443, name: https, protocol: HTTPS}
    hosts: ["*"]
    tls:
      mode: SIMPLE
      serverCertificate: ${tlsFile('server-a.pem')}
      privateKey: ${tlsFile('server-a.key.pem')}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge}
spec:
  hosts: ["*"]
  gateways: [edge]
  http:
${http ?? `  - ${toOrigin}`}
`;
}
