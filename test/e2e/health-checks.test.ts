/** Active health checks from files to traffic: an endpoint dies and comes back, unnoticed. */

import { createServer, type Server } from 'node:http';
import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import { freePort, freePorts } from '../support/free-port.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function listen(port: number, name: string): Promise<Server> {
  const server = createServer((_request, response) => response.end(name));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

const check =
  '{httpHealthCheck: {path: /healthz}, interval: 100ms, noTrafficInterval: 100ms, unhealthyThreshold: 2}';

function service(ports: readonly number[], annotation: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web, annotations: {sluice.dev/health-check: "${annotation}"}}
spec:
  hosts: [web.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints:
${ports.map((port) => `  - {address: 127.0.0.1, ports: {http: ${port}}}`).join('\n')}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web.test]
  http: [{retries: {attempts: 0}, route: [{destination: {host: web.test}}]}]
`;
}

async function start(t: Test) {
  const ports = await freePorts(2);
  const [first = 0, second = 0] = ports;
  const servers = [await listen(first, 'a'), await listen(second, 'b')];
  const folder = tempFolder({ 'web.yaml': service(ports, check) });
  const port = await freePort();
  const args = ['-f', folder.path, '--outbound', `127.0.0.1:${port}=80`, '--access-log', 'off'];
  const proxy = await SluiceProcess.start(args);
  t.teardown(async () => {
    await proxy.kill();
    await Promise.all(servers.map(stop));
    folder.remove();
  });
  const answers = async (count: number): Promise<string[]> => {
    const seen = new Set<string>();
    for (let i = 0; i < count; i++) {
      const { status, body } = await exchange(getRequest('/', 'web.test'), { port });
      seen.add(status === 200 ? body.toString() : String(status));
    }
    return [...seen].sort();
  };
  const flags = async (endpoint: number): Promise<string> => {
    const { body } = await proxy.admin('/clusters');
    return new RegExp(`127\\.0\\.0\\.1:${endpoint}::health_flags::(.*)`).exec(body)?.[1] ?? '';
  };
  return { proxy, folder, ports: { first, second }, servers, answers, flags };
}

const soon = { within: 10_000, every: 20 };

t.test('an endpoint that dies gets no requests, and gets them again when it is back', async (t) => {
  const { proxy, servers, ports, answers, flags } = await start(t);
  t.same(await answers(20), ['a', 'b']);
  await stop(servers[0] as Server);
  await eventually('a failed check', soon, async () => {
    return (await flags(ports.first)) === '/failed_active_hc';
  });
  t.same(await answers(40), ['b'], 'and none of them failed');
  t.match(proxy.stderr, /endpoint is unhealthy .*endpoint=127\.0\.0\.1:\d+ reason=ECONNREFUSED/);
  servers[0] = await listen(ports.first, 'a');
  await eventually('its return', soon, async () => (await flags(ports.first)) === 'healthy');
  t.same(await answers(40), ['a', 'b']);
  t.match(proxy.stderr, /\[health\] endpoint is healthy/);
  const stats = await proxy.admin('/stats?filter=health_check');
  t.match(stats.body, /cluster\.outbound\|80\|\|web\.test;\.health_check\.healthy: 2/);
  t.match(stats.body, /health_check\.network_failure: [1-9]/);
});

t.test('a reload keeps what is known; without checks everyone is healthy', async (t) => {
  const { proxy, folder, servers, ports, answers, flags } = await start(t);
  await stop(servers[0] as Server);
  await eventually('a failed check', soon, async () => {
    return (await flags(ports.first)) === '/failed_active_hc';
  });
  const reload = async (annotation: string, version: number): Promise<void> => {
    folder.write('web.yaml', service([ports.first, ports.second], annotation));
    await eventually(`version ${version}`, soon, async () => {
      const { body } = await proxy.admin('/api/v1/config');
      return JSON.parse(body).version === version;
    });
  };
  await reload(check.replace('Threshold: 2', 'Threshold: 3'), 2);
  t.equal(await flags(ports.first), '/failed_active_hc');
  t.same(await answers(20), ['b']);
  await reload('off', 3);
  t.equal(await flags(ports.first), 'healthy');
});

t.test('checks do not keep the process alive', async (t) => {
  const { proxy } = await start(t);
  proxy.signal('SIGTERM');
  const { code } = await proxy.exited(5_000);
  t.equal(code, 0);
});
