/** Configuration that changes while the proxy runs: what is new applies, what is broken not. */

import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import { freePort, freePorts } from '../support/free-port.ts';
import { headerValue } from '../support/http-reader.ts';
import {
  type NamedWorkloads,
  serviceManifests,
  startWorkloads,
} from '../support/named-workloads.ts';
import { exchange, getRequest, RawConnection } from '../support/raw-client.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';

const services = serviceManifests({
  name: 'web',
  port: 80,
  deployments: { 'web-v1': { version: 'v1' }, 'web-v2': { version: 'v2' } },
});

function routes(v1: number, v2: number): string {
  return `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec:
  host: web
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
  - route:
    - {destination: {host: web, subset: v1}, weight: ${v1}}
    - {destination: {host: web, subset: v2}, weight: ${v2}}
`;
}

function gateway(...ports: readonly number[]): string {
  const servers = ports.map(
    (port) => `  - {port: {number: ${port}, name: http-${port}, protocol: HTTP}, hosts: ["*"]}`,
  );
  return `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  selector: {istio: ingressgateway}
  servers:
${servers.join('\n')}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge}
spec:
  hosts: ["*"]
  gateways: [edge]
  http: [{route: [{destination: {host: web}}]}]
`;
}

interface Rig {
  readonly proxy: SluiceProcess;
  readonly folder: TempFolder;
  readonly port: number;
}

async function start(
  t: Test,
  files: Readonly<Record<string, string>>,
  extra: readonly string[] = [],
): Promise<Rig> {
  const workloads: NamedWorkloads = await startWorkloads(['web-v1', 'web-v2']);
  const folder = tempFolder({ 'services.yaml': services, ...files });
  const port = await freePort();
  const args = ['-f', folder.path, '--outbound', `127.0.0.1:${port}=80`, '--access-log', 'off'];
  const proxy = await SluiceProcess.start([...args, ...workloads.args, ...extra]);
  t.teardown(async () => {
    await proxy.kill();
    await workloads.stop();
    folder.remove();
  });
  return { proxy, folder, port };
}

async function answeredBy(port: number, host = 'web'): Promise<string> {
  const response = await exchange(getRequest('/', host), { port });
  return headerValue(response.headers, 'x-backend') ?? String(response.status);
}

const reloaded = { within: 10_000, every: 20 };

t.test('weights edited while it runs', async (t) => {
  const { folder, port } = await start(t, { 'routes.yaml': routes(100, 0) });
  t.equal(await answeredBy(port), 'web-v1');
  folder.write('routes.yaml', routes(0, 100));
  await eventually('the new weights', reloaded, async () => (await answeredBy(port)) === 'web-v2');
  for (let i = 0; i < 20; i++) t.equal(await answeredBy(port), 'web-v2');
});

t.test('a file that is added and removed', async (t) => {
  const { folder, port } = await start(t, {});
  folder.write('fault.yaml', abortRule(418));
  await eventually('the new rule', reloaded, async () => (await answeredBy(port)) === '418');
  unlinkSync(join(folder.path, 'fault.yaml'));
  await eventually('its end', reloaded, async () => (await answeredBy(port)).startsWith('web-'));
});

t.test('a broken file keeps its last good version', async (t) => {
  const { folder, port, proxy } = await start(t, { 'routes.yaml': routes(0, 100) });
  folder.write('routes.yaml', routes(100, 0).replace('weight: 100', 'weighting: 100'));
  await eventually('a finding', reloaded, () => /weight/.test(proxy.stderr + proxy.stdout));
  t.match(proxy.stderr + proxy.stdout, /routes\.yaml:\d+:\d+/, 'with its place');
  for (let i = 0; i < 20; i++) t.equal(await answeredBy(port), 'web-v2');
  // Everything else is applied meanwhile.
  folder.write('other.yaml', abortRule(418, 'other'));
  const aborted = async () => (await answeredBy(port, 'other.test')) === '418';
  await eventually('a rule in another file', reloaded, aborted);
  folder.write('routes.yaml', routes(100, 0));
  await eventually(
    'the repaired file',
    reloaded,
    async () => (await answeredBy(port)) === 'web-v1',
  );
});

t.test('listeners come and go without touching others', async (t) => {
  const [first = 0, second = 0] = await freePorts(2);
  const { folder } = await start(t, { 'gateway.yaml': gateway(first) });
  const open = await RawConnection.connect({ port: first });
  t.teardown(() => open.destroy());
  const ask = async () => {
    open.write(getRequest('/', 'any'));
    return (await open.readResponse()).status;
  };
  t.equal(await ask(), 200);
  folder.write('gateway.yaml', gateway(first, second));
  await eventually('the second listener', reloaded, () => accepts(second));
  t.match(await answeredBy(second, 'any'), /^web-/);
  t.equal(await ask(), 200, 'the open connection of the first still serves');
  folder.write('gateway.yaml', gateway(first));
  await eventually('the end of the second', reloaded, async () => !(await accepts(second)));
  t.equal(await ask(), 200, 'and again');
});

t.test('SIGHUP reloads where nothing watches', async (t) => {
  const files = { 'routes.yaml': routes(100, 0) };
  const { folder, port, proxy } = await start(t, files, ['--no-watch']);
  folder.write('routes.yaml', routes(0, 100));
  for (let i = 0; i < 20; i++) t.equal(await answeredBy(port), 'web-v1');
  proxy.signal('SIGHUP');
  await eventually('the new weights', reloaded, async () => (await answeredBy(port)) === 'web-v2');
});

/** Answers every request for web (or other.test) with a status. */
function abortRule(status: number, name = 'web'): string {
  const host = name === 'web' ? 'web' : `${name}.test`;
  return `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a-${name}}
spec:
  hosts: [${host}]
  http:
  - fault: {abort: {percentage: {value: 100}, httpStatus: ${status}}}
    route: [{destination: {host: web}}]
`;
}

async function accepts(port: number): Promise<boolean> {
  try {
    const connection = await RawConnection.connect({ port });
    connection.destroy();
    return true;
  } catch {
    // Refused: nobody listens.
    return false;
  }
}
