/** The access log of the real command: rotated under load, filtered, unread, and at a collector. */

import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import { type EdgeProxyOptions, startEdgeProxy } from '../support/edge-proxy.ts';
import { freePort, freePorts } from '../support/free-port.ts';
import { LogCollector } from '../support/log-collector.ts';
import { exchange, getRequest, RawConnection } from '../support/raw-client.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { tlsFile } from '../support/tls-fixtures.ts';
import { tlsOrigin } from '../support/tls-origin.ts';

/** In front of an origin that answers at once. */
async function start(t: Test, options: Partial<EdgeProxyOptions>) {
  const origin = await scriptedOrigin(() => ok('well'));
  t.teardown(() => origin.stop());
  const edge = await startEdgeProxy({ originPort: origin.port, ...options });
  t.teardown(() => edge.stop());
  return edge;
}

function linesOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

t.test('rotation under load and a clean stop lose no line and tear none', async (t) => {
  const logs = tempFolder();
  t.teardown(() => logs.remove());
  const log = join(logs.path, 'access.log');
  const format = `%RESPONSE_CODE% %REQ(:PATH)% ${'x'.repeat(500)} end`;
  const edge = await start(t, { args: ['--access-log', log, '--access-log-format', format] });
  const requestsEach = 300;
  const clients = [0, 1, 2, 3].map(async (client) => {
    const connection = await RawConnection.connect({ port: edge.port });
    for (let i = 0; i < requestsEach; i++) {
      connection.write(getRequest(`/${client}/${i}`, 'a'));
      await connection.readResponse();
    }
    connection.end();
  });
  let isOver = false;
  const done = Promise.all(clients).finally(() => {
    isOver = true;
  });
  for (let rotation = 1; !isOver; rotation++) {
    renameSync(log, `${log}.${rotation}`);
    edge.proxy.signal('SIGUSR1');
    await eventually('the new file', { within: 10_000, every: 5 }, () =>
      readdirSync(logs.path).includes('access.log'),
    );
  }
  await done;
  edge.proxy.signal('SIGTERM');
  t.equal((await edge.proxy.exited()).code, 0);
  const files = readdirSync(logs.path);
  t.ok(files.length > 1, 'it was rotated');
  const lines = files.flatMap((name) => linesOf(join(logs.path, name)));
  t.equal(lines.length, 4 * requestsEach);
  t.equal(new Set(lines).size, lines.length, 'each once');
  t.same(
    lines.filter((line) => !/^200 \/\d\/\d+ x{500} end$/.test(line)),
    [],
  );
});

t.test('a line knows when the whole response of the endpoint had come', async (t) => {
  const logs = tempFolder();
  t.teardown(() => logs.remove());
  const log = join(logs.path, 'access.log');
  const format = '%COMMON_DURATION(DS_RX_BEG:US_RX_END:us)% %CEL(response.backend_latency)%';
  const edge = await start(t, { args: ['--access-log', log, '--access-log-format', format] });
  await exchange(getRequest('/', 'a'), { port: edge.port });
  edge.proxy.signal('SIGTERM');
  await edge.proxy.exited();
  t.match(linesOf(log), [/^\d+ \S*\d\S*$/]);
});

t.test('a pipe whose reader has stopped drops lines, and no request waits', async (t) => {
  const logs = tempFolder();
  const pipe = join(logs.path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  t.teardown(() => {
    closeSync(reader);
    logs.remove();
  });
  const format = `${'x'.repeat(100_000)}%PROTOCOL%`;
  const edge = await start(t, { args: ['--access-log', pipe, '--access-log-format', format] });
  for (let i = 0; i < 100; i++) {
    t.equal((await exchange(getRequest('/', 'a'), { port: edge.port })).status, 200);
  }
  const stats = (await edge.proxy.admin('/stats?filter=access_log_lines_dropped')).body;
  const dropped = Number(/: (\d+)/.exec(stats)?.[1]);
  t.ok(dropped > 50 && dropped < 100, `${dropped} of 100`);
  edge.proxy.signal('SIGTERM');
  t.equal((await edge.proxy.exited()).code, 0);
});

t.test('a Telemetry resource sends failures to a file and all to a collector', async (t) => {
  const collector = await LogCollector.start(t);
  const logs = tempFolder();
  t.teardown(() => logs.remove());
  const log = join(logs.path, 'failed.log');
  const documents = `
apiVersion: sluice.dev/v1
kind: Bootstrap
metadata: {name: proxy}
spec:
  meshConfig:
    extensionProviders:
    - name: failures
      envoyFileAccessLog:
        path: ${log}
        logFormat: {text: "%RESPONSE_CODE% %REQ(:PATH)% %CEL(response.code / 100)%"}
    - name: collector
      envoyOtelAls:
        service: localhost
        port: ${new URL(collector.grpcUrl).port}
        logName: edge
        logFormat: {text: "%REQ(:PATH)%", labels: {code: "%RESPONSE_CODE%"}}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: mesh, namespace: istio-system}
spec:
  accessLogging:
  - providers: [{name: failures}]
    filter: {expression: "response.code >= 400"}
  - providers: [{name: collector}]
`;
  const http = `
  - match: [{uri: {prefix: /bad}}]
    directResponse: {status: 418}
  - route: [{destination: {host: origin.test, port: {number: 80}}}]`;
  const edge = await start(t, { documents, http });
  for (const path of ['/good', '/bad/1', '/bad/2']) {
    await exchange(getRequest(path, 'a'), { port: edge.port });
  }
  const records = await collector.received(3);
  t.same(
    records.map(({ body, attributes, resource }) => [
      body,
      attributes['code'],
      resource['log_name'],
    ]),
    [
      ['/good', '200', 'edge'],
      ['/bad/1', '418', 'edge'],
      ['/bad/2', '418', 'edge'],
    ],
  );
  edge.proxy.signal('SIGTERM');
  await edge.proxy.exited();
  t.same(linesOf(log), ['418 /bad/1 4', '418 /bad/2 4']);
});

t.test('what is logged of TLS towards the endpoint, of filter chain and body', async (t) => {
  const origin = await tlsOrigin(t);
  const folder = tempFolder({
    'a.yaml': `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a}
spec:
  hosts: [a.example.com]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {http: ${origin.port}}}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: b}
spec:
  hosts: [b.example.com]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {http: ${await freePort()}}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec:
  host: a.example.com
  trafficPolicy: {tls: {mode: SIMPLE, caCertificates: "${tlsFile('authority.pem')}"}}
`,
  });
  const [mesh = 0] = await freePorts(1);
  const format =
    '%REQ(:AUTHORITY)% tls=%UPSTREAM_TLS_VERSION%,%UPSTREAM_TLS_CIPHER%,%UPSTREAM_PEER_ISSUER% ' +
    'chain=%FILTER_CHAIN_NAME% body="%LOCAL_REPLY_BODY%" tried=%UPSTREAM_HOSTS_ATTEMPTED% ' +
    'cel=%CEL(upstream.tls_version)% sent=%REQUEST_TX_DURATION%';
  const log = join(folder.path, 'access.log');
  const args = ['-f', join(folder.path, 'a.yaml'), '--outbound', `127.0.0.1:${mesh}`];
  args.push('--access-log', log, '--access-log-format', format);
  const proxy = await SluiceProcess.start(args);
  t.teardown(async () => {
    await proxy.kill();
    folder.remove();
  });
  for (const host of ['a.example.com', 'b.example.com']) {
    await exchange(getRequest('/', host), { port: mesh });
  }
  proxy.signal('SIGTERM');
  await proxy.exited();
  const [secure = '', failed = ''] = linesOf(log);
  t.match(
    secure,
    /^a\.example\.com tls=TLSv1\.3,TLS_AES_\w+,CN=.* chain=\S+ body="-" tried=127\.0\.0\.1:\d+ cel=TLSv1\.3 sent=\d+$/,
  );
  t.match(
    failed,
    /^b\.example\.com tls=-,-,- chain=\S+ body="upstream connect error.*" tried=- cel=- sent=-$/,
  );
});
