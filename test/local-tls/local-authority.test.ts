import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type AuthorityPaths, authorityPaths } from '../../src/local-tls/authority-files.ts';
import { replaceAuthorityFiles } from '../../src/local-tls/authority-writer.ts';
import {
  findAuthority,
  type LocalAuthority,
  openAuthority,
  renewAuthority,
} from '../../src/local-tls/local-authority.ts';
import { createAuthority } from '../../src/local-tls/x509.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { tempFolder } from '../support/temp-folder.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const clock = new ManualClock(0, start);

function emptyFolder(t: Test): AuthorityPaths {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  return authorityPaths(join(folder.path, 'share/sluice'));
}

async function opened(paths: AuthorityPaths, at = clock): Promise<LocalAuthority> {
  const result = await openAuthority(paths, at);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

/** Why an authority is refused, with the folder left out of it. */
async function refusal(paths: AuthorityPaths, at = clock): Promise<string> {
  const result = await openAuthority(paths, at);
  return result.ok ? 'not refused' : result.error.replaceAll(`${paths.folder}/`, '');
}

const mode = (path: string): number => statSync(path).mode & 0o777;

t.test('an authority is made once, its key for the user alone', async (t) => {
  const paths = emptyFolder(t);
  t.same(await findAuthority(paths), { ok: true, value: null }, 'looking makes none');
  t.notOk(existsSync(paths.folder));
  const first = await opened(paths);
  t.equal(mode(paths.privateKey), 0o600);
  t.equal(mode(paths.certificate), 0o644);
  t.equal(mode(paths.folder), 0o700);
  t.same(readdirSync(paths.folder).sort(), ['ca.crt', 'ca.key']);
  t.equal(first.certificate.toString(), readFileSync(paths.certificate, 'utf8'));
  const again = await opened(paths);
  t.equal(again.certificate.fingerprint256, first.certificate.fingerprint256);
});

t.test('the key is for the user alone whatever the umask', async (t) => {
  const paths = emptyFolder(t);
  const before = process.umask(0);
  t.teardown(() => process.umask(before));
  await opened(paths);
  t.equal(mode(paths.privateKey), 0o600);
});

t.test('it signs leaves and no other authority, for ten years', async (t) => {
  const { certificate, name } = await opened(emptyFolder(t));
  t.match(name, /^sluice local CA [0-9a-f]{8}$/);
  t.equal(certificate.subject, certificate.issuer);
  t.ok(certificate.ca);
  t.ok(certificate.verify(certificate.publicKey));
  t.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  t.equal(certificate.validToDate.getTime(), start + 3650 * dayMs);
  t.ok(certificate.validFromDate.getTime() <= start);
});

t.test('years from 2050 on are written with four digits', async (t) => {
  const late = new ManualClock(0, Date.UTC(2045, 5, 1));
  const { certificate } = await opened(emptyFolder(t), late);
  t.equal(certificate.validToDate.getTime(), late.wall() + 3650 * dayMs);
});

t.test('of several that are made at once one stays, and nothing else', async (t) => {
  const paths = emptyFolder(t);
  const all = await Promise.all(Array.from({ length: 8 }, () => opened(paths)));
  t.equal(new Set(all.map(({ certificate }) => certificate.fingerprint256)).size, 1);
  t.same(readdirSync(join(paths.folder, '..')), ['ca']);
});

t.test('an empty folder is taken', async (t) => {
  const paths = emptyFolder(t);
  mkdirSync(paths.folder, { recursive: true });
  t.ok((await openAuthority(paths, clock)).ok);
});

t.test('files of somebody else in its place are left alone', async (t) => {
  const paths = emptyFolder(t);
  mkdirSync(paths.folder, { recursive: true });
  writeFileSync(join(paths.folder, 'notes.txt'), 'mine');
  t.equal(
    (await refusal(paths)).replaceAll(paths.folder, 'FOLDER'),
    'FOLDER holds other files: move them away',
  );
  t.same(readdirSync(paths.folder), ['notes.txt']);
});

t.test('what cannot be used is refused, kept, and told', async (t) => {
  const remedy = '; sluice ca --renew makes a new one, which has to be trusted again';
  const other = await createAuthority('other', { from: start, to: start + dayMs });
  const edit = (name: string, text: string) => (paths: AuthorityPaths) =>
    writeFileSync(join(paths.folder, name), text);
  const remove = (name: string) => (paths: AuthorityPaths) => rmSync(join(paths.folder, name));
  const table: readonly [string, (paths: AuthorityPaths) => void, string][] = [
    ['no key', remove('ca.key'), 'ca.key is missing beside ca.crt'],
    ['no certificate', remove('ca.crt'), 'ca.crt is missing beside ca.key'],
    ['key cut', edit('ca.key', other.privateKey.slice(0, 60)), 'ca.key holds no private key'],
    ['key empty', edit('ca.key', ''), 'ca.key holds no private key'],
    ['certificate cut', edit('ca.crt', 'x'), 'ca.crt holds no certificate'],
    ['other key', edit('ca.key', other.privateKey), 'ca.key is not the key of ca.crt beside it'],
    ['huge', edit('ca.crt', 'x'.repeat(70_000)), 'ca.crt is too large for a key or certificate'],
    [
      'readable by others',
      (paths) => chmodSync(paths.privateKey, 0o644),
      'ca.key has mode 0644, so others may have read the key: if none has, chmod 600 it',
    ],
    [
      'readable by a group',
      (paths) => chmodSync(paths.privateKey, 0o640),
      'ca.key has mode 0640, so others may have read the key: if none has, chmod 600 it',
    ],
    [
      'folder as key',
      (paths) => {
        rmSync(paths.privateKey);
        mkdirSync(paths.privateKey, 0o700);
      },
      'cannot read ca.key: it is a folder',
    ],
  ];
  for (const [what, damage, message] of table) {
    const paths = emptyFolder(t);
    await opened(paths);
    damage(paths);
    const kept = readdirSync(paths.folder);
    t.equal(await refusal(paths), message + remedy, what);
    t.same(readdirSync(paths.folder), kept, `${what}: kept`);
    t.ok((await renewAuthority(paths, clock)).ok, `${what}: replaced when asked`);
    t.ok((await openAuthority(paths, clock)).ok);
  }
});

t.test('a certificate that cannot sign, and a key of another kind, are refused', async (t) => {
  const paths = emptyFolder(t);
  const authority = await opened(paths);
  const leaf = await authority.issue({ kind: 'dns', name: 'a.example' }, start);
  writeFileSync(paths.certificate, leaf.certificate);
  writeFileSync(paths.privateKey, leaf.privateKey);
  t.match(await refusal(paths), /^ca\.crt is not the certificate of an authority;/);
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(paths.certificate, authority.certificate.toString());
  writeFileSync(paths.privateKey, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  t.match(await refusal(paths), /^ca\.key is not a key of the curve P-256;/);
});

t.test('a folder that cannot be written is told', async (t) => {
  const paths = emptyFolder(t);
  mkdirSync(join(paths.folder, '../..'), { recursive: true });
  writeFileSync(join(paths.folder, '..'), 'a file');
  t.match(await refusal(paths), /^cannot read .+\/ca: a part of its path is no folder;/);
  const result = await renewAuthority(paths, clock);
  t.match(result, { ok: false, error: /^cannot write .+\/ca: / });
});

t.test('a linked folder is followed, and replaced by a real one', async (t) => {
  const paths = emptyFolder(t);
  const elsewhere = emptyFolder(t);
  const { certificate } = await opened(elsewhere);
  mkdirSync(join(paths.folder, '..'), { recursive: true });
  symlinkSync(elsewhere.folder, paths.folder);
  t.equal((await opened(paths)).certificate.fingerprint256, certificate.fingerprint256);
  t.ok((await renewAuthority(paths, clock)).ok);
  t.ok(existsSync(elsewhere.privateKey), 'what the link led to is left alone');
});

t.test('its end is told thirty days before, and after it is refused', async (t) => {
  const paths = emptyFolder(t);
  const authority = await opened(paths);
  const end = start + 3650 * dayMs;
  const date = '2035-12-30';
  const path = paths.certificate;
  t.equal(authority.expiryNotice(end - 30 * dayMs), null);
  t.equal(
    authority.expiryNotice(end - 30 * dayMs + 1),
    `the certificate authority ${path} expires on ${date}; ` +
      'sluice ca --renew makes a new one, which has to be trusted again',
  );
  t.ok((await openAuthority(paths, new ManualClock(0, end - 1))).ok);
  t.equal(
    await refusal(paths, new ManualClock(0, end)),
    `the certificate authority ca.crt expired on ${date}; ` +
      'sluice ca --renew makes a new one, which has to be trusted again',
  );
  t.match(await findAuthority(paths), { ok: true, value: {} }, 'it can still be looked at');
});

t.test('a renewed authority has another name and key; the old key is gone', async (t) => {
  const paths = emptyFolder(t);
  const before = await opened(paths);
  const result = await renewAuthority(paths, clock);
  t.ok(result.ok);
  const after = await opened(paths);
  t.not(after.name, before.name);
  t.notOk(after.certificate.publicKey.equals(before.certificate.publicKey));
  t.same(readdirSync(join(paths.folder, '..')), ['ca']);
  t.equal(mode(paths.privateKey), 0o600);
});

t.test('a renewal that fails leaves the old authority in its place', async (t) => {
  const paths = emptyFolder(t);
  const before = await opened(paths);
  const next = await createAuthority('next', { from: start, to: start + dayMs });
  const replaced = await replaceAuthorityFiles(paths, next, async (from, to) => {
    if (to === paths.folder && !from.endsWith('.old')) throw new Error('the disk is gone');
    renameSync(from, to);
  });
  t.match(replaced, { ok: false, error: /the disk is gone$/ });
  t.equal((await opened(paths)).name, before.name);
  t.same(readdirSync(join(paths.folder, '..')), ['ca'], 'and nothing beside it');
});

t.test('readers beside renewals never see halves', async (t) => {
  const paths = emptyFolder(t);
  await opened(paths);
  let renewing = true;
  const renewals = (async () => {
    for (let count = 0; count < 20; count++) t.ok((await renewAuthority(paths, clock)).ok);
    renewing = false;
  })();
  const errors: string[] = [];
  while (renewing) {
    const found = await findAuthority(paths);
    if (!found.ok) errors.push(found.error);
  }
  await renewals;
  t.same(errors, []);
});

t.test('renewals at once end with one authority', async (t) => {
  const paths = emptyFolder(t);
  const all = await Promise.all(Array.from({ length: 4 }, () => renewAuthority(paths, clock)));
  t.ok(all.some(({ ok }) => ok));
  const { certificate } = await opened(paths);
  t.ok(certificate instanceof X509Certificate);
  t.same(readdirSync(join(paths.folder, '..')), ['ca']);
});
