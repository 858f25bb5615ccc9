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

const folder = tempFolder({ 'rules.yaml': rules });
t.teardown(() => folder.remove());

function scenario(requests: string, more = ''): Scenario {
  const text = `target: {config: [rules.yaml]}
load: {phases: [{constant: 10, duration: 1s}]}
requests: [${requests}]
${more}`;
  const read = readScenario({ path: 'a.yaml', text }, { folder: folder.path, short: false });
  if (read.scenario === null) throw new Error(read.findings.map(({ message }) => message).join());
  return read.scenario;
}

async function started(): Promise<StartedProxy> {
  const { target } = scenario('{host: shop.test}');
  if (target.kind !== 'started') throw new Error('it has files');
  const { config } = target;
  const proxy = await StartedProxy.start({ target, config, workloads: [], seed: 1 });
  if (!proxy.ok) throw new Error(proxy.error.message);
  return proxy.value;
}

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
  const listener = proxy.listener;
  const found = await unroutedRequests(scenario(requests.join(', ')), proxy);
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
  t.strictSame(await unroutedRequests(scenario('{host: shpo.test}', assertsIt), proxy), []);
  const changesFiles = 'changes: [{at: 1s, file: rules.yaml, with: [other.yaml]}]\n';
  t.strictSame(await unroutedRequests(scenario('{host: shpo.test}', changesFiles), proxy), []);
});

t.test('a proxy that does not say is not waited for', async (t) => {
  const silent = { address: '127.0.0.1:1', admin: '127.0.0.1:1', listener: 'gateway' };
  t.strictSame(await unroutedRequests(scenario('{host: shpo.test}'), silent), []);
});
