/** `sluice run --local-tls` as a developer meets it: curl, the files of the authority, its mistakes. */

import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import { freePorts } from '../support/free-port.ts';
import { runCommand, SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { pem } from '../support/tls-fixtures.ts';

// Processes of their own, one after the other.
t.setTimeout(120_000);

const run = promisify(execFile);
const noCurl = {
  skip: spawnSync('curl', ['--version']).error !== undefined && 'curl is not installed',
};

const server = (port: number, protocol: string, tls = ''): string =>
  `  - {port: {number: ${port}, name: p${port}, protocol: ${protocol}}, hosts: ["*"]${tls}}\n`;

const virtualService = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [app.localhost, web.shop.test]
  gateways: [edge]
  http: [{directResponse: {status: 200, body: {string: hello}}}]
`;

const config = (...servers: readonly string[]): string => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  servers:
${servers.join('')}${virtualService}`;

const plain = config(server(80, 'HTTP'));
const bootstrap = `---
apiVersion: sluice.dev/v1
kind: Bootstrap
metadata: {name: local}
spec: {listeners: {localTls: true}}
`;

interface Ground {
  /** XDG_DATA_HOME of whoever starts here. */
  readonly data: string;
  readonly ca: string;
  readonly key: string;
  readonly env: Readonly<Record<string, string>>;
}

function ground(t: Test): Ground {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  const file = (name: string) => join(folder.path, 'sluice/ca', name);
  const env = { XDG_DATA_HOME: folder.path };
  return { data: folder.path, ca: file('ca.crt'), key: file('ca.key'), env };
}

async function start(t: Test, yaml: string, { env }: Ground, flags = ['--local-tls']) {
  const folder = tempFolder({ 'edge.yaml': yaml });
  const [http = 0, https = 0] = await freePorts(2);
  const proxy = await SluiceProcess.start(
    [
      ...['-f', folder.path, '--access-log', 'off', '--outbound', 'off'],
      ...['--port', `80=${http}`, '--port', `443=${https}`, ...flags],
    ],
    { env },
  );
  t.teardown(async () => {
    await proxy.kill();
    folder.remove();
  });
  return { proxy, http, https, folder };
}

/** What curl prints of `https://HOST:PORT/`, with the version of HTTP. */
async function curl(host: string, port: number, ...args: string[]): Promise<string> {
  const { stdout } = await run('curl', [
    ...['-sS', '--max-time', '20', '--noproxy', '*', '-w', ' %{http_version}'],
    ...['--resolve', `${host}:${port}:127.0.0.1`, ...args, `https://${host}:${port}/`],
  ]);
  return stdout;
}

t.test('rules for plain HTTP are served over https', noCurl, async (t) => {
  const here = ground(t);
  const { proxy, https } = await start(t, plain, here);
  t.match(proxy.stderr, `gateway_443: listening on 127.0.0.1:${https} for port 443 (https)`);
  t.match(proxy.stderr, /certificates are signed by sluice local CA \w+; sluice ca says how/);
  t.equal(statSync(here.key).mode & 0o777, 0o600);
  const trust = ['--cacert', here.ca];
  t.equal(await curl('app.localhost', https, ...trust), 'hello 2');
  t.equal(await curl('app.localhost', https, ...trust, '--http1.1'), 'hello 1.1');
  t.equal(await curl('web.shop.test', https, ...trust), 'hello 2', 'a host of a VirtualService');
  const host = ['-H', 'host: app.localhost'];
  t.equal(await curl('127.0.0.1', https, ...trust, ...host), 'hello 2', 'an address');
  await t.rejects(curl('other.test', https, ...trust), { code: 35 }, 'a host without rules');
  await t.rejects(curl('app.localhost', https), { code: 60 }, 'who does not trust it');
  const shown = [proxy.stdout, proxy.stderr, (await proxy.admin('/config_dump')).body];
  const secret = readFileSync(here.key, 'utf8').split('\n')[1] ?? '';
  for (const text of shown) t.notMatch(text, secret);
  const { body } = await proxy.admin('/stats');
  t.match(body, /downstream_context_secrets_not_ready: 1$/m);
});

t.test('a redirect to https has somewhere to go', noCurl, async (t) => {
  const here = ground(t);
  const redirecting = config(server(80, 'HTTP', ', tls: {httpsRedirect: true}'));
  const { http, https } = await start(t, redirecting, here);
  const answer = await fetch(`http://127.0.0.1:${http}/`, { redirect: 'manual' });
  t.equal(answer.status, 301);
  t.equal(await curl('app.localhost', https, '--cacert', here.ca), 'hello 2');
});

t.test('the next start has the same authority', noCurl, async (t) => {
  const here = ground(t);
  const first = await start(t, plain, here);
  const ca = readFileSync(here.ca, 'utf8');
  await first.proxy.kill();
  // Also where a Bootstrap asks for it.
  const second = await start(t, plain + bootstrap, here, []);
  t.equal(readFileSync(here.ca, 'utf8'), ca);
  t.equal(await curl('app.localhost', second.https, '--cacert', here.ca), 'hello 2');
});

t.test(
  'a server whose certificate is missing has local ones, others their own',
  noCurl,
  async (t) => {
    const here = ground(t);
    const tls = (rest: string) => `, tls: {mode: SIMPLE${rest}}`;
    const files = tempFolder({ 'a.crt': pem('server-a'), 'a.key': pem('server-a.key') });
    t.teardown(() => files.remove());
    const own = `, serverCertificate: ${files.path}/a.crt, privateKey: ${files.path}/a.key`;
    const [named = 0, unnamed = 0, broken = 0, whole = 0] = await freePorts(4);
    const yaml = config(
      server(named, 'HTTPS', tls(', credentialName: gone')),
      server(unnamed, 'HTTPS', tls('')),
      server(broken, 'HTTPS', tls(', serverCertificate: /gone/a.crt, privateKey: /gone/a.key')),
      server(whole, 'HTTPS', tls(own)),
    );
    const { proxy } = await start(t, yaml + bootstrap, here, []);
    const trust = ['--cacert', here.ca];
    for (const port of [named, unnamed, broken]) {
      t.equal(await curl('app.localhost', port, ...trust), 'hello 2');
    }
    await t.rejects(curl('app.localhost', whole, ...trust), { code: 60 });
    t.equal((proxy.stderr.match(/the local authority signs/g) ?? []).length, 3);
    t.notMatch(proxy.stderr, /connections that need it are/);
  },
);

t.test('an authority that cannot be used stops the start', async (t) => {
  const here = ground(t);
  const made = await runCommand(['ca', '--create'], { env: here.env });
  t.equal(made.code, 0);
  writeFileSync(here.ca, 'nonsense');
  const folder = tempFolder({ 'edge.yaml': plain });
  t.teardown(() => folder.remove());
  const [http = 0, https = 0, admin = 0] = await freePorts(3);
  const flags = ['--outbound', 'off', '--port', `80=${http}`, '--port', `443=${https}`];
  const args = ['run', '-f', folder.path, '--admin', `127.0.0.1:${admin}`, ...flags];
  const refused = await runCommand([...args, '--local-tls'], { env: here.env });
  t.equal(refused.code, 1);
  t.match(refused.stderr, /^sluice: .*ca\.crt holds no certificate; sluice ca --renew/m);
  t.equal(await isOpen(http), false);
});

t.test('without the flag there is no authority and no https', async (t) => {
  const here = ground(t);
  const { proxy, https } = await start(t, plain, here, []);
  t.notMatch(proxy.stderr, 'gateway_443');
  t.equal(await isOpen(https), false);
  t.throws(() => statSync(here.ca), { code: 'ENOENT' });
});

t.test('a reload does not turn it on, and says so', async (t) => {
  const here = ground(t);
  const { proxy, folder } = await start(t, plain, here, []);
  folder.write('edge.yaml', plain + bootstrap);
  proxy.signal('SIGHUP');
  const told = () => /next start.*listeners\.localTls/.test(proxy.stderr);
  await eventually('the note', { within: 10_000 }, told);
  t.notMatch(proxy.stderr, 'gateway_443');
});

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
