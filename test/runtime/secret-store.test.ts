import { rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Secret } from '../../src/model/secret.ts';
import type { DownstreamTls } from '../../src/model/tls.ts';
import { SecretStore } from '../../src/runtime/secret-store.ts';
import { LogRoot } from '../../src/telemetry/logger.ts';
import { TlsContexts } from '../../src/transport/tls-contexts.ts';
import { eventually } from '../support/deadline.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { mutualTls, pairSecret, peerValidation, pem, simpleTls } from '../support/tls-fixtures.ts';
import { tlsChain, tlsMesh } from '../support/tls-proxy.ts';

function start(t: Test) {
  const folder = tempFolder({ 'a.crt': pem('server-a'), 'a.key': pem('server-a.key') });
  t.teardown(() => folder.remove());
  const clock = new ManualClock();
  const timers = new ManualTimers(clock);
  const contexts = new TlsContexts(clock);
  const lines: string[] = [];
  const root = new LogRoot({ clock, write: (line) => lines.push(line) });
  const store = new SecretStore({ contexts, timers, log: root.logger('config') });
  const name = `file://${folder.path}/a.crt,${folder.path}/a.key`;
  const load = async (tls: DownstreamTls, given: readonly Secret[] = []) => {
    const loaded = await store.load(tlsMesh([tlsChain(tls)]), given);
    contexts.addSecrets(loaded.secrets);
    return loaded;
  };
  /** The next look at the files, which has an effect that `holds` tells. */
  const look = async (what: string, holds: () => boolean) => {
    timers.advance(5_000);
    await eventually(what, { within: 5_000, every: 1 }, holds);
  };
  return { folder, timers, contexts, lines, store, name, load, look };
}

t.test('what comes with the configuration is passed on', async (t) => {
  const { load, timers } = start(t);
  const given = pairSecret('server-a');
  const { secrets, findings } = await load(simpleTls(), [given]);
  t.same(findings, []);
  t.equal(secrets.get('server-a'), given);
  const again = await load(simpleTls(), [{ ...given }]);
  t.equal(again.secrets.get('server-a'), given, 'the same object while its texts are the same');
  t.equal(timers.size, 0, 'nothing is looked at again');
});

t.test('files that the local authority stands in for may be missing', async (t) => {
  const { name, load } = start(t);
  const gone = name.replaceAll('/a.', '/gone.');
  const told = await load(simpleTls({ certificates: [gone], localAuthority: true }));
  t.match(told.findings, [{ severity: 'info', hint: /the local authority signs/ }]);
  const alone = await load(simpleTls({ certificates: [gone] }));
  t.match(alone.findings, [{ severity: 'error', hint: /are refused/ }]);
});

t.test('files are read, and read again when they change', async (t) => {
  const { folder, name, load, look, contexts, lines } = start(t);
  const { secrets, findings } = await load(simpleTls({ certificates: [name] }));
  t.same(findings, []);
  t.match(secrets.get(name), { certificate: pem('server-a'), privateKey: pem('server-a.key') });
  const { version } = contexts;
  // What renews a certificate writes one file after the other.
  folder.write('a.crt', pem('server-renewed'));
  await look('a line of the log', () => lines.length === 1);
  t.match(lines[0], `${folder.path}/a.crt, ${folder.path}/a.key: its private key does not belong`);
  t.match(lines[0], 'its last good version is used');
  t.equal(contexts.version, version);
  folder.write('a.key', pem('server-renewed.key'));
  await look('the new certificate', () => contexts.version > version);
  t.equal(contexts.secrets.get(name)?.certificate, pem('server-renewed'));
  t.match(lines[1], 'a certificate has been read again');
  t.notMatch(lines.join(), 'BEGIN', 'nothing of the texts');
});

t.test('a file that is not there yet is a finding, and used once it is', async (t) => {
  const { folder, name, load, look, contexts } = start(t);
  rmSync(`${folder.path}/a.key`);
  const { secrets, findings } = await load(simpleTls({ certificates: [name] }));
  t.equal(secrets.size, 0);
  t.match(findings, [
    { code: 'SLC0305', severity: 'error', message: `${folder.path}/a.key: ENOENT` },
  ]);
  t.match(findings[0]?.hint, 'connections that need it are refused');
  folder.write('a.key', pem('server-a.key'));
  await look('the certificate', () => contexts.secrets.has(name));
});

t.test('the message says where a relative path was looked for', async (t) => {
  const { load } = start(t);
  const { findings } = await load(simpleTls({ certificates: ['file://gone.crt,gone.key'] }));
  t.match(findings, [{ code: 'SLC0305', message: `${join(process.cwd(), 'gone.crt')}: ENOENT` }]);
});

t.test('a device in the place of a file is refused, and holds up nothing', async (t) => {
  const { load } = start(t);
  const { findings } = await load(simpleTls({ certificates: ['file:///dev/zero,/dev/zero'] }));
  t.match(findings, [{ message: /\/dev\/zero: it is a device or a pipe/ }]);
});

t.test('a reload keeps what is broken now', async (t) => {
  const { folder, name, load } = start(t);
  const tls = simpleTls({ certificates: [name] });
  const before = await load(tls);
  folder.write('a.crt', 'nonsense');
  const { secrets, findings } = await load(tls);
  t.equal(secrets.get(name), before.secrets.get(name));
  t.match(findings, [{ message: /a\.crt.*its certificate is not PEM/ }]);
  const without = await load(simpleTls());
  t.equal(without.secrets.size, 0, 'nothing names it any more');
});

t.test('what does not come with the configuration any more stays while it is named', async (t) => {
  const { load } = start(t);
  const given = [pairSecret('server-a'), pairSecret('server-b', 'authority-of-clients')];
  const tls = mutualTls({ validation: peerValidation({ trustedCa: 'authority-of-clients' }) });
  const { secrets: before } = await load(tls, given);
  t.equal((await load(tls)).secrets.get('server-a'), before.get('server-a'));
  t.equal((await load(tls)).secrets.size, 2);
  const renewed = pairSecret('server-renewed', 'server-a');
  t.equal((await load(tls, [renewed])).secrets.get('server-a'), renewed);
  t.same([...(await load(simpleTls())).secrets.keys()], ['server-a'], 'nothing else is named');
});

t.test('authorities, with and without a revocation list, and a comma in a path', async (t) => {
  const { folder, load } = start(t);
  folder.write('one,50%/ca.pem', pem('authority'));
  folder.write('crl.pem', pem('revoked.crl'));
  const written = `${folder.path}/one%2C50%25/ca.pem`;
  for (const [trustedCa, revocationList] of [
    [`file://${written}`, null],
    [`file://${written},${folder.path}/crl.pem`, pem('revoked.crl')],
  ] as const) {
    const validation = peerValidation({ trustedCa });
    const { secrets, findings } = await load(mutualTls({ validation }), [pairSecret('server-a')]);
    t.same(findings, []);
    t.match(secrets.get(trustedCa), { trustedCa: pem('authority'), revocationList });
  }
});

t.test('nothing is looked at after the end', async (t) => {
  const { name, load, store, timers } = start(t);
  await load(simpleTls({ certificates: [name] }));
  t.equal(timers.size, 1);
  store.close();
  t.equal(timers.size, 0);
});
