/** TLSRoute, TCPRoute, BackendTLSPolicy and routes of Services through the real command. */

import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import t, { type Test } from 'tap';
import { freePorts } from '../support/free-port.ts';
import { rawServer } from '../support/proxied-tcp.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { runCommand, SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { pem } from '../support/tls-fixtures.ts';
import { tlsOrigin } from '../support/tls-origin.ts';

const indented = (text: string): string => text.trim().replaceAll('\n', '\n    ');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function document(kind: string, name: string, spec: string): string {
  return `---
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: {name: ${name}}
spec: ${spec}
`;
}

/** With its one endpoint. */
function service(name: string, port: number): string {
  return `---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{port: 80, name: http}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: ${name}}
subsets: [{addresses: [{ip: 127.0.0.1}], ports: [{port: ${port}, name: http}]}]
`;
}

function authority(name: string): string {
  return `---
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}}
data:
  ca.crt: |
    ${indented(pem(name))}
`;
}

const rules = (to: string) => `rules: [{backendRefs: [{name: ${to}, port: 80}]}]`;

function route(kind: string, name: string, parent: string, to: string, hostname = ''): string {
  const hosts = hostname === '' ? '' : `hostnames: [${hostname}], `;
  return document(kind, name, `{parentRefs: [{${parent}}], ${hosts}${rules(to)}}`);
}

function policy(name: string, target: string, ca: string): string {
  const refs = `caCertificateRefs: [{group: "", kind: ConfigMap, name: ${ca}}]`;
  const targets = `targetRefs: [{group: "", kind: Service, name: ${target}}]`;
  return document(
    'BackendTLSPolicy',
    name,
    `{${targets}, validation: {${refs}, hostname: a.example.com}}`,
  );
}

const gateway = document(
  'Gateway',
  'edge',
  `
  gatewayClassName: sluice
  listeners:
  - {name: passed-on, port: 443, protocol: TLS, hostname: "*.example.com", tls: {mode: Passthrough}}
  - {name: ends, port: 8443, protocol: TLS, tls: {certificateRefs: [{name: cert}]}}
  - {name: tcp, port: 9001, protocol: TCP}
  - {name: nowhere, port: 9002, protocol: TCP}
  - {name: http, port: 80, protocol: HTTP}`,
);

const secret = `---
apiVersion: v1
kind: Secret
metadata: {name: cert}
data: {tls.crt: ${base64(pem('server-a'))}, tls.key: ${base64(pem('server-a.key'))}}
`;

async function start(t: Test) {
  const [a, b] = [await tlsOrigin(t, 'server-a'), await tlsOrigin(t, 'server-b')];
  const echo = await rawServer(t, (socket) => socket.on('data', (data) => socket.write(data)));
  const folder = tempFolder({
    'edge.yaml': [
      gateway,
      secret,
      authority('authority'),
      authority('other-authority'),
      ...[
        ['a', a.port],
        ['b', b.port],
        ['verified', a.port],
        ['refused', a.port],
        ['echo', echo],
        ['front', 1],
      ].map(([name, port]) => service(String(name), Number(port))),
      route('TLSRoute', 'a', 'name: edge, sectionName: passed-on', 'a', 'a.example.com'),
      route('TLSRoute', 'b', 'name: edge, sectionName: passed-on', 'b', 'b.example.com'),
      route('TLSRoute', 'inside', 'name: edge, sectionName: ends', 'echo', 'a.example.com'),
      route('TCPRoute', 'tcp', 'name: edge, sectionName: tcp', 'echo'),
      route('TCPRoute', 'nowhere', 'name: edge, sectionName: nowhere', 'nobody'),
      route('HTTPRoute', 'verified', 'name: edge, sectionName: http', 'verified', 'a.test'),
      route('HTTPRoute', 'refused', 'name: edge, sectionName: http', 'refused', 'refused.test'),
      route('HTTPRoute', 'mesh', 'group: "", kind: Service, name: front', 'verified'),
      policy('ours', 'verified', 'authority'),
      policy('theirs', 'refused', 'other-authority'),
    ].join(''),
  });
  const logical = [443, 8443, 9001, 9002, 80];
  const [mesh = 0, ...free] = await freePorts(logical.length + 1);
  const portArgs = logical.flatMap((port, index) => ['--port', `${port}=${free[index]}`]);
  const args = ['-f', folder.path, '--outbound', `127.0.0.1:${mesh}=80`, '--concurrency', '2'];
  const proxy = await SluiceProcess.start([...args, ...portArgs, '--access-log', 'off']);
  t.teardown(async () => {
    await proxy.kill();
    folder.remove();
  });
  const portOf = (port: number): number => free[logical.indexOf(port)] ?? 0;
  return { proxy, portOf, mesh, a, b };
}

/** What comes back to `hello`; empty where the connection is closed before. */
function converse(t: Test, socket: Socket): Promise<string> {
  t.teardown(() => socket.destroy());
  return new Promise((resolve) => {
    socket.once('data', (data: Buffer) => resolve(data.toString()));
    socket.once('close', () => resolve(''));
    socket.on('error', () => undefined);
    socket.write('hello');
  });
}

function tls(port: number, servername: string) {
  return connectTls({ port, host: '127.0.0.1', servername, ca: pem('authority') });
}

t.test('connections and requests go where the Gateway API says', async (t) => {
  const { proxy, portOf, mesh, a } = await start(t);

  await t.test('TLS is passed on by server name, to the certificate of the endpoint', async (t) => {
    for (const host of ['a.example.com', 'b.example.com']) {
      const socket = tls(portOf(443), host);
      const answer = await new Promise<string>((resolve) => {
        socket.once('secureConnect', () => resolve(socket.getPeerX509Certificate()?.subject ?? ''));
        socket.once('error', ({ message }) => resolve(message));
      });
      socket.destroy();
      t.equal(answer, `CN=server ${host[0]}`);
    }
    t.equal(await converse(t, tls(portOf(443), 'c.example.com')), '', 'no route has the name');
  });

  await t.test('TLS ends at the listener, and bytes go on', async (t) => {
    t.equal(await converse(t, tls(portOf(8443), 'a.example.com')), 'hello');
    t.equal(await converse(t, tls(portOf(8443), 'b.example.com')), '');
  });

  await t.test('TCP goes to its backend, or is closed', async (t) => {
    t.equal(await converse(t, connectTcp(portOf(9001), '127.0.0.1')), 'hello');
    t.equal(await converse(t, connectTcp(portOf(9002), '127.0.0.1')), '');
  });

  await t.test('the certificate of a backend is verified', async (t) => {
    const ask = async (host: string) =>
      (await exchange(getRequest('/', host), { port: portOf(80) })).status;
    t.equal(await ask('a.test'), 200);
    t.match(a.handshakes.at(-1), { serverName: 'a.example.com' });
    t.equal(await ask('refused.test'), 503);
  });

  await t.test('a route of a Service is for its clients', async (t) => {
    const { status } = await exchange(getRequest('/', 'front'), { port: mesh });
    t.equal(status, 200);
  });

  t.strictSame(proxy.stderr.match(/SLC\d+/g), ['SLC0203'], 'of the backend that is missing');

  await t.test('the status of everything is shown', async (t) => {
    const admin = `127.0.0.1:${proxy.adminPort}`;
    const { stdout } = await runCommand(['proxy-config', 'gateways', '--admin', admin]);
    const lines = stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' | '));
    for (const line of [
      'Gateway | default/edge | passed-on | 2 | True | True | True | -',
      'Gateway | default/edge | tcp | 1 | True | True | True | -',
      'TLSRoute | default/a | default/edge/passed-on | - | True | - | True | -',
      'TCPRoute | default/nowhere | default/edge/nowhere | - | True | - | False | BackendNotFound',
      'HTTPRoute | default/mesh | default/front | - | True | - | True | -',
      'BackendTLSPolicy | default/ours | default/edge | - | True | - | True | -',
    ]) {
      t.ok(lines.includes(line), `${line}\n${stdout}`);
    }
    const one = await proxy.admin(
      '/api/v1/resources/Gateway.gateway.networking.k8s.io/default/edge',
    );
    const detail = JSON.parse(one.body);
    t.match(detail, {
      kind: 'Gateway',
      group: 'gateway.networking.k8s.io',
      conditions: [{ type: 'Accepted', status: 'True' }],
      parts: [{ name: 'passed-on', attachedRoutes: 2 }],
    });
  });
});
