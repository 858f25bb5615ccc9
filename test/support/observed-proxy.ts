/** A running proxy with something to see, for the tests of commands that look at one. */

import type { Test } from 'tap';
import { freePort } from './free-port.ts';
import { serviceManifests, startWorkloads } from './named-workloads.ts';
import { SluiceProcess } from './sluice-process.ts';
import { type TempFolder, tempFolder } from './temp-folder.ts';

export interface ObservedProxy {
  readonly proxy: SluiceProcess;
  readonly folder: TempFolder;
  /** HOST:PORT of its admin API. */
  readonly admin: string;
  /** Where its Gateway listens. */
  readonly gatewayPort: number;
  /** The flags it was started with. */
  readonly args: readonly string[];
  /** Sends a request to the Gateway, and resolves with the status. */
  request(path: string): Promise<number>;
}

const services = serviceManifests({
  name: 'web',
  port: 80,
  deployments: { 'web-v1': { version: 'v1' } },
});

function rules(gatewayPort: number): string {
  return `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  servers:
  - port: {number: ${gatewayPort}, name: http, protocol: HTTP}
    hosts: ['*']
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec:
  host: web
  subsets: [{name: v1, labels: {version: v1}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge}
spec:
  hosts: ['*']
  gateways: [edge]
  http:
  - name: teapot
    match: [{uri: {exact: /teapot}, headers: {x-tea: {exact: green}}}, {uri: {exact: /teapot}}]
    directResponse: {status: 418}
  - name: broken
    match: [{uri: {prefix: /broken}}]
    fault: {abort: {httpStatus: 503, percentage: {value: 100}}}
    route: [{destination: {host: web}}]
  - name: web
    route: [{destination: {host: web, subset: v1}}]
`;
}

export async function startObservedProxy(t: Test): Promise<ObservedProxy> {
  const gatewayPort = await freePort();
  const workloads = await startWorkloads(['web-v1']);
  const folder = tempFolder({ 'services.yaml': services, 'rules.yaml': rules(gatewayPort) });
  const args = ['-f', folder.path, '--outbound', 'off', '--access-log', 'off', ...workloads.args];
  const proxy = await SluiceProcess.start(args);
  t.teardown(async () => {
    await proxy.kill();
    await workloads.stop();
    folder.remove();
  });
  const request = async (path: string): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${gatewayPort}${path}`);
    await response.body?.cancel();
    return response.status;
  };
  return { proxy, folder, admin: `127.0.0.1:${proxy.adminPort}`, gatewayPort, args, request };
}
