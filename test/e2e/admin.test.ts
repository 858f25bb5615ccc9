/** The admin API of the real command: who may ask, and what asking does to clients. */

import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { createAdminEndpoints } from '../../src/admin/admin-endpoints.ts';
import { eventually } from '../support/deadline.ts';
import { type EdgeProxyOptions, startEdgeProxy } from '../support/edge-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { headerValue } from '../support/http-reader.ts';
import { getRequest, RawConnection } from '../support/raw-client.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';
import { runCommand } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function start(t: Test, options: Partial<EdgeProxyOptions> = {}) {
  const origin = await scriptedOrigin(() => ok('hello'));
  const edge = await startEdgeProxy({ originPort: origin.port, ...options });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  return edge;
}

/** What Connection says in the response to one request of a new client; null: nothing. */
async function lastWord(port: number): Promise<string | null> {
  const client = await RawConnection.connect({ port });
  client.write(getRequest('/', 'a'));
  const { headers } = await client.readResponse();
  client.destroy();
  return headerValue(headers, 'connection') ?? null;
}

function bootstrap(fields: string): string {
  return `apiVersion: sluice.dev/v1\nkind: Bootstrap\nspec: {listeners: {${fields}}}\n`;
}

t.test('while health checks are failed, clients are asked to leave', async (t) => {
  const { proxy, port } = await start(t);
  t.equal(await lastWord(port), null);
  t.match(await proxy.admin('/healthcheck/fail', 'POST'), { status: 200, body: 'OK\n' });
  t.match(await proxy.admin('/ready'), { status: 503, body: 'DRAINING\n' });
  t.match((await proxy.admin('/server_info')).body, '"state": "DRAINING"');
  t.equal(await lastWord(port), 'close');
  t.match(await proxy.admin('/healthcheck/ok', 'POST'), { status: 200 });
  t.match(await proxy.admin('/ready'), { status: 200, body: 'LIVE\n' });
  t.equal(await lastWord(port), null);
});

t.test('listeners that are drained gracefully take clients for a while yet', async (t) => {
  const { proxy, port } = await start(t);
  const client = await RawConnection.connect({ port });
  await proxy.admin('/drain_listeners?graceful&inboundonly', 'POST');
  t.equal(await lastWord(port), null, 'a Gateway is none of the inbound listeners');
  await proxy.admin('/drain_listeners?graceful', 'POST');
  t.equal(await lastWord(port), 'close');
  client.write(getRequest('/', 'a'));
  t.equal(headerValue((await client.readResponse()).headers, 'connection'), 'close');
  await client.closed;
  await proxy.admin('/drain_listeners', 'POST');
  await eventually('no new connections', { within: 5000 }, async () => {
    try {
      (await RawConnection.connect({ port })).destroy();
      return false;
    } catch {
      // Refused, as it should be.
      return true;
    }
  });
  t.match((await proxy.admin('/listeners')).body, /^gateway_8080::127\.0\.0\.1:\d+::draining$/m);
  t.match(await proxy.admin('/ready'), { status: 200 });
});

t.test('/quitquitquit by POST ends the process as SIGTERM does', async (t) => {
  const { proxy } = await start(t);
  t.match(await proxy.admin('/quitquitquit'), { status: 400 });
  t.match(await proxy.admin('/ready'), { status: 200 });
  t.match(await proxy.admin('/quitquitquit', 'POST'), { status: 200, body: 'OK\n' });
  t.equal((await proxy.exited()).code, 0);
});

t.test('an address that others reach is refused, unless it is meant', async (t) => {
  const folder = tempFolder({ 'more.yaml': bootstrap('') });
  t.teardown(() => folder.remove());
  const args = ['run', '-f', folder.path, '--outbound', 'off', '--admin'];
  for (const address of ['0.0.0.0:0', ':0', '[::]:0']) {
    const refused = await runCommand([...args, address]);
    t.equal(refused.code, 2, address);
    t.match(
      refused.stderr,
      /^sluice: --admin: others would reach the admin API .*adminAllowRemote/,
    );
  }
  const documents = bootstrap('adminAllowRemote: true, adminHosts: [proxy.example]');
  const { proxy } = await start(t, { documents });
  const asked = (host: string) =>
    new Promise<number>((resolve, reject) => {
      const { adminPort: port } = proxy;
      request({ host: '127.0.0.1', port, path: '/ready', headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  t.equal(await asked('proxy.example:15000'), 200);
  t.equal(await asked('other.example:15000'), 403);
});

t.test('who has the port of the admin API is named', async (t) => {
  const { proxy, folder } = await start(t);
  const other = createServer((_request, response) => void response.end('hello'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  for (const [taken, holder] of [
    [
      proxy.adminPort,
      /another sluice \(.*\) has the port; stop it, take its place with --takeover, or choose with --admin/,
    ],
    [port, /something else has the port; stop it, or choose with --admin/],
  ] as const) {
    const flags = ['--port', `8080=${await freePort()}`, '--outbound', 'off'];
    const admin = ['--admin', `127.0.0.1:${taken}`];
    const refused = await runCommand(['run', '-f', folder.path, ...flags, ...admin]);
    t.equal(refused.code, 1);
    t.match(refused.stderr, holder);
    t.match(refused.stderr, `127.0.0.1:${taken}`);
  }
});

/** A collector that gets its keys in headers, for logs and for traces. */
const collectorConfig = `
apiVersion: sluice.dev/v1
kind: Bootstrap
spec:
  meshConfig:
    extensionProviders:
      - name: traces
        opentelemetry:
          service: collector.test
          port: 4318
          http: {path: /v1/traces, headers: [{name: x-key, value: key-of-traces}]}
      - name: zipkin
        zipkin: {service: collector.test, port: 9411}
    defaultProviders: {tracing: [traces]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: collector}
spec:
  hosts: [collector.test]
  resolution: STATIC
  ports: [{number: 4318, name: http, protocol: HTTP}, {number: 9411, name: http-z, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1}]
`;

t.test('nothing that can be read shows the keys of a collector', async (t) => {
  const { proxy } = await start(t, { documents: collectorConfig });
  t.match((await proxy.admin('/config_dump?resource=telemetry')).body, '"x-key": "[redacted]"');
  const quick = createAdminEndpoints().filter(
    ({ path, mutation }) => !mutation && !/heap_dump|contention|stream/.test(path),
  );
  const paths = quick.map(({ path }) => path).filter((path) => !path.includes('{'));
  const others = ['/config_dump?include_eds', '/api/v1/resources/ServiceEntry/default/collector'];
  for (const path of [...paths, ...others]) {
    t.notMatch((await proxy.admin(path)).body, 'key-of-traces', path);
  }
  t.notMatch(proxy.stderr, 'key-of-traces');
});
