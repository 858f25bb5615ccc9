/** The real command with one Gateway in front of one origin: the smallest useful setup. */

import { freePorts } from './free-port.ts';
import { SluiceProcess, type StartOptions } from './sluice-process.ts';
import { type TempFolder, tempFolder } from './temp-folder.ts';

export interface EdgeProxy {
  readonly proxy: SluiceProcess;
  /** Port of the gateway listener. */
  readonly port: number;
  readonly folder: TempFolder;
  /** Of the command, without the admin address. */
  readonly args: readonly string[];
  stop(): Promise<void>;
}

export interface EdgeProxyOptions extends StartOptions {
  readonly originPort: number;
  /** Lines of the VirtualService's `http` list; default: everything to the origin. */
  readonly http?: string;
  /** More documents, for example a DestinationRule or a Bootstrap. */
  readonly documents?: string;
  readonly args?: readonly string[];
}

export async function startEdgeProxy(options: EdgeProxyOptions): Promise<EdgeProxy> {
  const [port = 0, meshPort = 0] = await freePorts(2);
  const folder = tempFolder({
    'edge.yaml': edgeConfig(options.originPort, options.http),
    ...(options.documents === undefined ? {} : { 'more.yaml': options.documents }),
  });
  const mesh = `127.0.0.1:${meshPort}`;
  const args = ['-f', folder.path, '--port', `8080=${port}`, '--outbound', mesh];
  if (!options.args?.includes('--access-log')) args.push('--access-log', 'off');
  args.push(...(options.args ?? []));
  const proxy = await SluiceProcess.start(args, options);
  const stop = async (): Promise<void> => {
    await proxy.kill();
    folder.remove();
  };
  return { proxy, port, folder, args, stop };
}

/** Everything that comes to port 8080 goes to one origin called origin.test. */
export function edgeConfig(originPort: number, http?: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: origin}
spec:
  hosts: [origin.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {http: ${originPort}}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 8080, name: http, protocol: HTTP}, hosts: ["*"]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge}
spec:
  hosts: ["*"]
  gateways: [edge]
  http:
${http ?? '  - route: [{destination: {host: origin.test, port: {number: 80}}}]'}
`;
}
