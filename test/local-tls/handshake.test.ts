/** The certificates as clients see them: OpenSSL's verifier, Node's TLS, and curl. */

import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { systemClock } from '../../src/base/clock.ts';
import { authorityPaths } from '../../src/local-tls/authority-files.ts';
import { LeafCertificates } from '../../src/local-tls/leaf-certificates.ts';
import {
  type LeafCertificate,
  type LocalAuthority,
  openAuthority,
} from '../../src/local-tls/local-authority.ts';
import { tempFolder } from '../support/temp-folder.ts';

const run = promisify(execFile);
const folder = tempFolder();
t.teardown(() => folder.remove());

async function authority(): Promise<LocalAuthority> {
  const opened = await openAuthority(authorityPaths(folder.path), systemClock);
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

const names = ['www.bookinfo.test', 'localhost', '127.0.0.1', '::1'];

async function leafFor(leaves: LeafCertificates, name: string): Promise<LeafCertificate> {
  const leaf = await leaves.leafFor(name, (asked) => names.includes(asked));
  if (leaf === null) throw new Error(`no certificate for ${name}`);
  return leaf;
}

async function knownLeaves(): Promise<LeafCertificates> {
  return new LeafCertificates({ authority: await authority(), clock: systemClock });
}

/** Answers by SNI, and without one as 127.0.0.1. */
async function httpsPort(t: Test): Promise<number> {
  const leaves = await knownLeaves();
  const contextFor = async (name: string): Promise<SecureContext> => {
    const { certificate, privateKey } = await leafFor(leaves, name);
    return createSecureContext({ cert: certificate, key: privateKey });
  };
  const { certificate, privateKey } = await leafFor(leaves, '127.0.0.1');
  const server = createServer(
    {
      cert: certificate,
      key: privateKey,
      SNICallback: (name, done) => {
        contextFor(name).then((context) => done(null, context), done);
      },
    },
    (request, response) => response.end(`hello ${request.headers.host}`),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

function has(command: string, flag: string): boolean {
  return spawnSync(command, [flag]).status === 0;
}

const noOpenssl = { skip: has('openssl', 'version') ? false : 'no openssl here' };
const noCurl = { skip: has('curl', '--version') ? false : 'no curl here' };

t.test('OpenSSL verifies every leaf strictly, for its name alone', noOpenssl, async (t) => {
  const leaves = await knownLeaves();
  const ca = (await authority()).paths.certificate;
  const verify = (file: string, ...flags: string[]) =>
    spawnSync('openssl', ['verify', '-x509_strict', ...flags, '-CAfile', ca, file]).status;
  for (const name of names) {
    const { certificate } = await leafFor(leaves, name);
    const file = folder.write('leaf.pem', certificate);
    const flag = /^[\d.]+$|:/.test(name) ? '-verify_ip' : '-verify_hostname';
    t.equal(verify(file, '-purpose', 'sslserver', flag, name), 0, name);
    t.not(verify(file, '-purpose', 'sslclient'), 0, 'it is of no client');
    t.not(verify(file, '-verify_hostname', 'other.test'), 0, 'nor of another host');
  }
  t.equal(verify(ca), 0, 'the authority is sound itself');
});

t.test('a client that trusts the authority connects, by name and by address', async (t) => {
  const port = await httpsPort(t);
  const ca = (await authority()).certificate.toString();
  for (const servername of ['www.bookinfo.test', 'localhost', '']) {
    const socket = connect({ host: '127.0.0.1', port, ca, servername });
    await once(socket, 'secureConnect');
    t.ok(socket.authorized);
    t.equal(
      subjectAltName(socket),
      servername === '' ? 'IP Address:127.0.0.1' : `DNS:${servername}`,
    );
    socket.destroy();
  }
});

t.test('a client that does not trust it refuses', async (t) => {
  const port = await httpsPort(t);
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost' });
  const [error] = await once(socket, 'error').catch((error: unknown) => [error]);
  t.match(error, { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
});

t.test('an unknown host ends the handshake', async (t) => {
  const port = await httpsPort(t);
  const ca = (await authority()).certificate.toString();
  const socket = connect({ host: '127.0.0.1', port, ca, servername: 'other.test' });
  const [error] = await once(socket, 'secureConnect').catch((error: unknown) => [error]);
  t.ok(error instanceof Error);
});

t.test('curl takes the authority by --cacert', noCurl, async (t) => {
  const port = await httpsPort(t);
  const { certificate } = (await authority()).paths;
  const resolve = `www.bookinfo.test:${port}:127.0.0.1`;
  const curl = (...args: string[]) =>
    run('curl', ['-sS', '--max-time', '20', '--noproxy', '*', '--resolve', resolve, ...args]);
  for (const host of ['www.bookinfo.test', '127.0.0.1']) {
    const { stdout } = await curl('--cacert', certificate, `https://${host}:${port}/`);
    t.equal(stdout, `hello ${host}:${port}`);
  }
  await t.rejects(curl(`https://www.bookinfo.test:${port}/`), { code: 60 }, 'untrusted without it');
  await t.rejects(curl('--cacert', join(folder.path, 'none'), `https://127.0.0.1:${port}/`), {
    code: 77,
  });
});

function subjectAltName(socket: TLSSocket): string | undefined {
  return socket.getPeerCertificate().subjectaltname;
}
