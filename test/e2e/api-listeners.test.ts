/** /api/v1 of the real command in front of Gateways: which listener a request gets, and TCP. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import t from 'tap';
import { AdminClient } from '../../src/admin/api/client.ts';
import { answered } from '../support/api-answers.ts';
import { eventually } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Each test starts a proxy, which takes its time on a busy machine. */
t.setTimeout(120_000);

const gateways = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: [secure.test]
    tls: {httpsRedirect: true}
  - port: {number: 8000, name: open, protocol: HTTP}
    hosts: [open.test]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all}
spec:
  hosts: [secure.test, open.test]
  gateways: [edge]
  http:
  - match: [{uri: {prefix: /old}}]
    redirect: {uri: /new, redirectCode: 308}
  - match: [{uri: {regex: '/it.*'}}]
    directResponse: {status: 418}
`;

t.test('the listener is the one that fits, unless it is named', async (t) => {
  const folder = tempFolder({ 'edge.yaml': gateways });
  const ports = ['--port', `80=${await freePort()}`, '--port', `8000=${await freePort()}`];
  const outbound = ['--outbound', `127.0.0.1:${await freePort()}`];
  const proxy = await SluiceProcess.start(['-f', folder.path, ...ports, ...outbound]);
  t.teardown(async () => {
    await proxy.kill();
    folder.remove();
  });
  const client = new AdminClient(`127.0.0.1:${proxy.adminPort}`);
  const explain = async (url: string, listener?: string) => {
    const asked = await client.explain(listener === undefined ? { url } : { url, listener });
    return answered(t, 'explain', asked);
  };
  t.match(await explain('http://secure.test/'), {
    listener: 'gateway_80',
    outcome: 'redirected-to-https',
  });
  t.match(await explain('http://open.test/old/path'), {
    listener: 'gateway_8000',
    outcome: 'redirected',
    matched: { status: 308, rewrite: 'path to "/new"' },
    targets: [],
  });
  t.match(await explain('http://open.test/item'), {
    outcome: 'answered',
    matched: { action: 'direct-response', status: 418 },
    rejected: [{ mismatches: [{ part: 'path', expected: 'prefix "/old"', actual: ['/item'] }] }],
  });
  t.match(await explain('http://open.test/other'), { outcome: 'not-found', matched: null });
  t.match(await explain('http://open.test/old', 'gateway_80'), {
    listener: 'gateway_80',
    outcome: 'not-found',
    virtualHost: null,
  });
  t.match(await client.explain({ url: 'https://open.test/', listener: 'gateway_80' }), {
    ok: false,
    error: 'no listener takes https requests for open.test; there are: gateway_80',
  });
});

function tcp(port: number): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: store}
spec:
  hosts: [store.test]
  resolution: STATIC
  ports: [{number: 9000, name: tcp, protocol: TCP}]
  endpoints: [{address: 127.0.0.1, ports: {tcp: ${port}}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  servers: [{port: {number: 9000, name: tcp, protocol: TCP}, hosts: ['*']}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: store}
spec:
  hosts: ['*']
  gateways: [edge]
  tcp: [{route: [{destination: {host: store.test, port: {number: 9000}}}]}]
`;
}

t.test('a TCP connection is recorded and drawn, too', async (t) => {
  const echo = createTcpServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const folder = tempFolder({ 'store.yaml': tcp((echo.address() as AddressInfo).port) });
  const port = await freePort();
  const outbound = `127.0.0.1:${await freePort()}`;
  const args = ['-f', folder.path, '--port', `9000=${port}`, '--outbound', outbound];
  const proxy = await SluiceProcess.start(args);
  t.teardown(async () => {
    await proxy.kill();
    echo.close();
    folder.remove();
  });
  const client = new AdminClient(`127.0.0.1:${proxy.adminPort}`);
  const socket = connect(port, '127.0.0.1');
  socket.write('hello');
  await once(socket, 'data');
  socket.end();
  await once(socket, 'close');
  const find = async () => answered(t, 'requests', await client.requests()).requests;
  await eventually(
    'its record',
    { within: 5000, every: 20 },
    async () => (await find()).length > 0,
  );
  t.match(await find(), [
    {
      protocol: 'TCP',
      method: '',
      status: 0,
      cluster: 'outbound|9000||store.test',
      bytesReceived: 5,
      bytesSent: 5,
      attempts: 1,
    },
  ]);
  const { edges } = answered(t, 'graph', await client.graph());
  t.match(edges, [{ protocol: 'tcp', requests: 1, errors: 0, latencyMs: null }]);
  t.ok((edges[0]?.bytesPerSecond ?? 0) > 0);
});
