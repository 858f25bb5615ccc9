/** TLS to endpoints through the real command: authorities of files and of the platform, renewed. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import { freePorts } from '../support/free-port.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { pem, tlsFile } from '../support/tls-fixtures.ts';
import { tlsOrigin } from '../support/tls-origin.ts';

function config(port: number, tls: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: a}
spec:
  hosts: [a.example.com]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 127.0.0.1, ports: {http: ${port}}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a}
spec:
  host: a.example.com
  trafficPolicy: {tls: {${tls}}}
`;
}

async function start(t: Test, yaml: string, env: Record<string, string> = {}) {
  const folder = tempFolder({ 'a.yaml': yaml });
  const [mesh = 0] = await freePorts(1);
  const args = ['-f', folder.path, '--outbound', `127.0.0.1:${mesh}`];
  const proxy = await SluiceProcess.start(args, { env });
  t.teardown(async () => {
    await proxy.kill();
    folder.remove();
  });
  const ask = async () => (await exchange(getRequest('/', 'a.example.com'), { port: mesh })).status;
  return { proxy, ask };
}

t.test('an authority in a file, which is renewed', async (t) => {
  const origin = await tlsOrigin(t);
  const files = tempFolder({ 'ca.pem': pem('other-authority') });
  t.teardown(() => files.remove());
  const file = join(files.path, 'ca.pem');
  const { proxy, ask } = await start(
    t,
    config(origin.port, `mode: SIMPLE, caCertificates: ${file}`),
  );
  t.equal(await ask(), 503);
  await eventually('the access log', { within: 10_000, every: 100 }, () =>
    /URX,UF .*TLS_error:\|0A000086:/.test(proxy.stdout),
  );
  writeFileSync(file, pem('authority'));
  await eventually('the renewed file', { within: 20_000, every: 200 }, async () => {
    return (await ask()) === 200;
  });
  t.match(origin.handshakes, [{ serverName: 'a.example.com', alpn: 'http/1.1' }]);
});

t.test('without a file the authorities of the platform are believed', async (t) => {
  const origin = await tlsOrigin(t);
  const yaml = config(origin.port, 'mode: SIMPLE');
  const named = await start(t, yaml, { NODE_EXTRA_CA_CERTS: tlsFile('authority.pem') });
  t.equal(await named.ask(), 200);
  const unnamed = await start(t, yaml, { NODE_EXTRA_CA_CERTS: '' });
  t.equal(await unnamed.ask(), 503);
});

t.test('a certificate for the endpoint, and a file that is missing', async (t) => {
  const options = { requestCert: true, rejectUnauthorized: true, ca: pem('authority') };
  const origin = await tlsOrigin(t, 'server-a', options);
  const pair = `clientCertificate: ${tlsFile('client-good.pem')},
    privateKey: ${tlsFile('client-good.key.pem')}`;
  const authority = `caCertificates: ${tlsFile('authority.pem')}`;
  const mutual = await start(t, config(origin.port, `mode: MUTUAL, ${pair}, ${authority}`));
  t.equal(await mutual.ask(), 200);
  t.match(origin.handshakes, [{ client: /good client/ }]);
  const missing = await start(t, config(origin.port, 'mode: SIMPLE, caCertificates: /gone/ca.pem'));
  t.match(missing.proxy.stderr, /\/gone\/ca\.pem: ENOENT/);
  t.equal(await missing.ask(), 503);
});
