/** TLS of a Gateway through the real command: Secrets, files, their renewal, and who sees them. */

import { connect, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import { freePorts } from '../support/free-port.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { pem } from '../support/tls-fixtures.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function config(files: string): string {
  return `
apiVersion: v1
kind: Secret
metadata: {name: cred-b}
data: {tls.crt: ${base64(pem('server-b'))}, tls.key: ${base64(pem('server-b.key'))}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  servers:
  - port: {number: 443, name: https-a, protocol: HTTPS}
    hosts: [a.example.com]
    tls: {mode: SIMPLE, serverCertificate: ${files}/a.crt, privateKey: ${files}/a.key}
  - port: {number: 443, name: https-b, protocol: HTTPS}
    hosts: [b.example.com]
    tls: {mode: SIMPLE, credentialName: cred-b}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: all}
spec:
  hosts: [a.example.com, b.example.com]
  gateways: [edge]
  http: [{directResponse: {status: 200, body: {string: hello}}}]
`;
}

async function start(t: Test) {
  const files = tempFolder({ 'a.crt': pem('server-a'), 'a.key': pem('server-a.key') });
  const folder = tempFolder({ 'edge.yaml': config(files.path) });
  const [port = 0, mesh = 0] = await freePorts(2);
  const ports = ['--port', `443=${port}`, '--outbound', `127.0.0.1:${mesh}`];
  const proxy = await SluiceProcess.start(['-f', folder.path, '--access-log', 'off', ...ports]);
  t.teardown(async () => {
    await proxy.kill();
    files.remove();
    folder.remove();
  });
  return { proxy, port, files };
}

function open(t: Test, port: number, servername: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', servername, rejectUnauthorized: false };
    const socket = connect(options, () => resolve(socket));
    t.teardown(() => socket.destroy());
    socket.once('error', reject);
  });
}

function ask(socket: TLSSocket, host: string): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    socket.write(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  });
}

t.test('each server shows its own certificate, and nobody sees the keys', async (t) => {
  const { proxy, port } = await start(t);
  for (const [host, subject] of [
    ['a.example.com', 'CN=server a'],
    ['b.example.com', 'CN=server b'],
  ] as const) {
    const socket = await open(t, port, host);
    t.equal(socket.getPeerX509Certificate()?.subject, subject);
    t.match(await ask(socket, host), /^HTTP\/1\.1 200 OK.*hello$/s);
  }
  await t.rejects(open(t, port, 'other.example.com'), 'no server has the name');
  proxy.signal('SIGHUP');
  await eventually('a reload', { within: 10_000 }, () => /applied/.test(proxy.stderr));
  const shown: string[] = [proxy.stdout, proxy.stderr];
  for (const path of ['/config_dump', '/certs', '/listeners', '/clusters', '/stats']) {
    shown.push((await proxy.admin(path)).body);
  }
  const secrets = ['server-a', 'server-b'].flatMap((name) => [pem(name), pem(`${name}.key`)]);
  for (const secret of secrets) {
    // The second line of a PEM text, and the same within base64.
    const line = secret.split('\n')[1] ?? '';
    for (const text of shown) {
      t.notMatch(text, line);
      t.notMatch(text, base64(secret).slice(40, 100));
    }
  }
});

t.test('renewed files are used by themselves, while connections stay', async (t) => {
  const { proxy, port, files } = await start(t);
  const old = await open(t, port, 'a.example.com');
  t.match(await ask(old, 'a.example.com'), 'hello');
  files.write('a.crt', pem('server-renewed'));
  files.write('a.key', pem('server-renewed.key'));
  await eventually('the new certificate', { within: 20_000, every: 200 }, async () => {
    const socket = await open(t, port, 'a.example.com');
    return socket.getPeerX509Certificate()?.subject === 'CN=server renewed';
  });
  t.match(await ask(old, 'a.example.com'), 'hello', 'the connection that was open');
  t.match(proxy.stderr, 'a certificate has been read again');
});
