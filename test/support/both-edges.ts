/** The real command before one origin: a Gateway in clear text and one that ends TLS. */

import type { Test } from 'tap';
import { freePorts } from './free-port.ts';
import { SluiceProcess } from './sluice-process.ts';
import { tempFolder } from './temp-folder.ts';
import { tlsFile } from './tls-fixtures.ts';

export interface BothEdges {
  readonly proxy: SluiceProcess;
  /** HTTP/1.1, and HTTP/2 with prior knowledge. */
  readonly clear: number;
  /** The certificate is for `a.example.com`; HTTP/2 by ALPN. */
  readonly tls: number;
}

export interface BothEdgesOptions {
  readonly originPort: number;
  /** Istio's protocol of the origin's port; HTTP by default. */
  readonly protocol?: string;
  /** Items of the VirtualService's `http` list; default: everything to the origin. */
  readonly http?: string;
  /** More documents, for example another ServiceEntry. */
  readonly documents?: string;
}

export async function startBothEdges(t: Test, options: BothEdgesOptions): Promise<BothEdges> {
  const [clear = 0, tls = 0, mesh = 0] = await freePorts(3);
  const folder = tempFolder({
    'edges.yaml': config(options),
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

/** A route to the origin. */
export const toOrigin = 'route: [{destination: {host: origin.test, port: {number: 80}}}]';

/** `NAME.test`, with an endpoint for each port. */
export function serviceEntry(name: string, protocol: string, ports: readonly number[]): string {
  const endpoints = ports.map((port) => `{address: 127.0.0.1, ports: {main: ${port}}}`);
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}}
spec:
  hosts: [${name}.test]
  resolution: STATIC
  ports: [{number: 80, name: main, protocol: ${protocol}}]
  endpoints: [${endpoints.join(', ')}]
`;
}

function config({ originPort, protocol = 'HTTP', http }: BothEdgesOptions): string {
  return `
${serviceEntry('origin', protocol, [originPort])}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  servers:
  - {port: {number: 8080, name: clear, protocol: ${protocol}}, hosts: ["*"]}
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
