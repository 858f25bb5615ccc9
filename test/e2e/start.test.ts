/** The start of a proxy that has to wait: who looks sees that it is on its way. */

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { startProxy } from '../../src/app.ts';
import { systemClock } from '../../src/base/clock.ts';
import { LogRoot } from '../../src/telemetry/logger.ts';
import { eventually } from '../support/deadline.ts';
import { freePorts } from '../support/free-port.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** One endpoint whose first check decides. */
function service(port: number): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: web
  annotations: {sluice.dev/health-check: "{httpHealthCheck: {path: /healthz}, timeout: 4s}"}
spec:
  hosts: [web.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {http: ${port}}}]
`;
}

t.test('the admin API says INITIALIZING until the first check is over', async (t) => {
  const checks: ServerResponse[] = [];
  const origin = createServer((_request, response) => void checks.push(response));
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const folder = tempFolder({ 'web.yaml': service((origin.address() as AddressInfo).port) });
  const [admin = 0, port = 0] = await freePorts(2);
  const starting = startProxy({
    paths: [folder.path],
    flags: { admin: `127.0.0.1:${admin}`, outbound: [`127.0.0.1:${port}=80`], accessLog: 'off' },
    watch: false,
    concurrency: 1,
    log: new LogRoot({ clock: systemClock, write: () => undefined }),
  });
  t.teardown(async () => {
    const started = await starting;
    if (started.ok) await started.value.stop();
    origin.closeAllConnections();
    await new Promise((resolve) => origin.close(resolve));
    folder.remove();
  });
  const ready = async (): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${admin}/ready`);
    return `${response.status} ${await response.text()}`;
  };
  await eventually('the first check', { within: 10_000 }, () => checks.length > 0);
  t.equal(await ready(), '503 INITIALIZING\n');
  checks[0]?.end();
  const started = await starting;
  t.equal(started.ok, true);
  t.equal(await ready(), '200 LIVE\n');
});
