import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import t from 'tap';
import { readScenario } from '../../src/loadtest/read-scenario.ts';
import type { Scenario } from '../../src/loadtest/scenario.ts';
import { StartedProxy } from '../../src/loadtest/started-proxy.ts';
import { unroutedRequests } from '../../src/loadtest/unrouted-requests.ts';
import { tempFolder } from '../support/temp-folder.ts';

t.setTimeout(60_000);

const rules = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public}
spec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.test]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop}
spec:
  hosts: [shop.test]
  gateways: [public]
  http:
    - match: [{uri: {prefix: /cart}, headers: {x-user: {exact: jason}}, method: {exact: POST}}]
      directResponse: {status: 200}
    - match: [{uri: {exact: /}}]
      directResponse: {status: 404}
`;

const passthrough = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public}
spec:
  servers:
    - {port: {number: 443, name: tls, protocol: TLS}, tls: {mode: PASSTHROUGH}, hosts: [shop.test]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop}
spec:
  hosts: [shop.test]
  gateways: [public]
  tls:
    - match: [{sniHosts: [shop.test]}]
      route: [{destination: {host: shop}}]
`;

const folder = tempFolder({ 'rules.yaml': rules, 'passthrough.yaml': passthrough });
t.teardown(() => folder.remove());

function scenario(requests: string, more = '', target = '{config: [rules.yaml]}'): Scenario {
  const text = `target: ${target}
load: {phases: [{constant: 10, duration: 1s}]}
requests: [${requests}]
${more}`;
  const read = readScenario({ path: 'a.yaml', text }, { folder: folder.path, short: false });
  if (read.scenario === null) throw new Error(read.findings.map(({ message }) => message).join());
  return read.scenario;
}

/** `from`: the target of a scenario. */
async function started(from = '{config: [rules.yaml]}'): Promise<StartedProxy> {
  const { target } = scenario('{host: shop.test}', '', from);
  if (target.kind !== 'started') throw new Error('it has files');
  const { config } = target;
  const proxy = await StartedProxy.start({ target, config, workloads: [], seed: 1 });
  if (!proxy.ok) throw new Error(proxy.error.message);
  return proxy.value;
}

const never = new AbortController().signal;
const post = 'method: POST, host: shop.test, path: /cart/1';

t.test('what no route takes is told with its place', async (t) => {
  const proxy = await started();
  t.teardown(() => proxy.stop());
  const requests = [
    `{${post}, headers: {x-user: jason}}`,
    '{host: shop.test}',
    '{host: shop.test, path: /crat}',
    `{${post}}`,
    '{host: shpo.test}',
    '{}',
    '{host: shop.test, path: "/{{sequence}}"}',
    `{${post}, headers: {x-user: "{{random.choice jason other}}"}}`,
  ];
  const listener = proxy.listenerName;
  const found = await unroutedRequests(scenario(requests.join(', ')), proxy, never);
  t.strictSame(
    found.map(({ path, message }) => [path?.[1], message]),
    [
      [2, 'GET http://shop.test/crat has no route: no route of shop.test:80 matches it'],
      [3, 'POST http://shop.test/cart/1 has no route: no route of shop.test:80 matches it'],
      [4, `GET http://shpo.test/ has no route: ${listener} has no host for shpo.test`],
      [
        5,
        `GET http://${proxy.address}/ has no route: ${listener} has no host for ${proxy.address}`,
      ],
    ],
  );
  t.strictSame(found[0]?.path, ['requests', 2]);
  const assertsIt = 'assertions: [{status: {code: 404, percent: 50}}]\n';
  t.strictSame(await unroutedRequests(scenario('{host: shpo.test}', assertsIt), proxy, never), []);
  const changesFiles = 'changes: [{at: 1s, file: rules.yaml, with: [other.yaml]}]\n';
  t.strictSame(
    await unroutedRequests(scenario('{host: shpo.test}', changesFiles), proxy, never),
    [],
  );
});

t.test('where the proxy reads no request it has not said 404', async (t) => {
  const http = await started();
  t.teardown(() => http.stop());
  const tcp = await started('{config: [passthrough.yaml], gatewayPort: 443}');
  t.teardown(() => tcp.stop());
  const tls = 'tls: {serverName: shop.test}';
  const cases: readonly (readonly [name: string, StartedProxy, Scenario])[] = [
    ['TLS that it passes through', tcp, scenario('{host: shop.test}', tls)],
    ['HTTP where it expects TLS', tcp, scenario('{host: shop.test}')],
    ['TLS where it expects HTTP', http, scenario('{host: shpo.test}', tls)],
    ['a method that nobody knows', http, scenario('{host: shpo.test, method: BREW}')],
  ];
  for (const [name, proxy, asked] of cases) {
    t.strictSame(await unroutedRequests(asked, proxy, never), [], name);
  }
});

t.test('a proxy that cannot be asked is no reason to fail', async (t) => {
  const gone = { address: '127.0.0.1:1', admin: '127.0.0.1:1', listenerName: 'gateway' };
  t.strictSame(await unroutedRequests(scenario('{host: shpo.test}'), gone, never), []);
});

t.test('a proxy that does not answer is waited for until the signal', async (t) => {
  const end = new AbortController();
  const asked: Socket[] = [];
  const silent = createServer((socket) => {
    asked.push(socket);
    socket.once('data', () => end.abort()).on('error', () => undefined);
  });
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    for (const socket of asked) socket.destroy();
    silent.close();
  });
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const proxy = { address, admin: address, listenerName: 'gateway' };
  const requests = '{host: shpo.test}, {host: shop.test}';
  t.strictSame(await unroutedRequests(scenario(requests), proxy, end.signal), []);
  t.equal(asked.length, 1, 'nor is it asked again');
});
