import { createPrivateKey, X509Certificate } from 'node:crypto';
import t, { type Test } from 'tap';
import { authorityPaths } from '../../src/local-tls/authority-files.ts';
import {
  LeafCertificates,
  type LeafIssuer,
  maxIssuing,
  maxLeaves,
  maxWaiting,
} from '../../src/local-tls/leaf-certificates.ts';
import {
  type LeafCertificate,
  type LocalAuthority,
  openAuthority,
} from '../../src/local-tls/local-authority.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { tempFolder } from '../support/temp-folder.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1);
const anyHost = () => true;

async function authorityAt(t: Test, clock: ManualClock): Promise<LocalAuthority> {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  const opened = await openAuthority(authorityPaths(folder.path), clock);
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

/** Counts what is asked of it, and makes nothing. */
class CountingIssuer implements LeafIssuer {
  readonly issued: string[] = [];
  notAfter = start + 3650 * dayMs;
  fails = false;

  async issue({ name }: { readonly name: string }, now: number): Promise<LeafCertificate> {
    this.issued.push(name);
    if (this.fails) throw new Error('no key today');
    return {
      certificate: name,
      privateKey: '',
      notAfter: Math.min(now + 90 * dayMs, this.notAfter),
    };
  }
}

t.test('a certificate is for one name or address, of a server, for ninety days', async (t) => {
  const clock = new ManualClock(0, start);
  const authority = await authorityAt(t, clock);
  const leaves = new LeafCertificates({ authority, clock });
  const table = [
    ['www.example.com', 'DNS:www.example.com'],
    ['WWW.EXAMPLE.ORG.', 'DNS:www.example.org'],
    ['127.0.0.1', 'IP Address:127.0.0.1'],
    ['::1', 'IP Address:0:0:0:0:0:0:0:1'],
  ] as const;
  for (const [name, alternative] of table) {
    const leaf = await leaves.leafFor(name, anyHost);
    const certificate = new X509Certificate(leaf?.certificate ?? '');
    t.equal(certificate.subjectAltName, alternative);
    t.same(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'serverAuth');
    t.notOk(certificate.ca);
    t.ok(certificate.checkIssued(authority.certificate));
    t.ok(certificate.verify(authority.certificate.publicKey));
    t.ok(certificate.checkPrivateKey(createPrivateKey(leaf?.privateKey ?? '')));
    t.equal(certificate.validToDate.getTime(), start + 90 * dayMs);
    t.equal(leaf?.notAfter, start + 90 * dayMs);
    t.equal(certificate.validFromDate.getTime(), start - 3_600_000, 'clocks may be behind');
  }
});

t.test('each host has a key and a serial number of its own', async (t) => {
  const clock = new ManualClock(0, start);
  const authority = await authorityAt(t, clock);
  const leaves = new LeafCertificates({ authority, clock });
  const [a, b] = await Promise.all([
    leaves.leafFor('a.example', anyHost),
    leaves.leafFor('b.example', anyHost),
  ]);
  t.not(a?.privateKey, b?.privateKey);
  const serial = (pem = '') => new X509Certificate(pem).serialNumber;
  t.not(serial(a?.certificate), serial(b?.certificate));
});

t.test('hosts that are not known, and what is no name, get none', async (t) => {
  const authority = new CountingIssuer();
  const asked: string[] = [];
  const isKnownHost = (name: string) => {
    asked.push(name);
    return name === 'known.example';
  };
  const leaves = new LeafCertificates({ authority, clock: new ManualClock(0, start) });
  t.equal(leaves.leafFor('other.example', isKnownHost), null);
  t.equal(leaves.leafFor('a b', isKnownHost), null);
  t.match(await leaves.leafFor('Known.Example.', isKnownHost), { certificate: 'known.example' });
  t.same(asked, ['other.example', 'known.example'], 'asked by the one spelling of a name');
  t.same(authority.issued, ['known.example']);
});

t.test('who asks while a certificate is made waits for the same one', async (t) => {
  const authority = new CountingIssuer();
  const options = { authority, clock: new ManualClock(0, start) };
  const leaves = new LeafCertificates(options);
  const asked = Array.from({ length: 20 }, () => leaves.leafFor('a.example', anyHost));
  const all = new Set(await Promise.all(asked));
  t.equal(all.size, 1);
  t.equal(
    await leaves.leafFor('A.example', anyHost),
    [...all][0],
    'and afterwards has the same object',
  );
  t.same(authority.issued, ['a.example']);
});

t.test('the least recently used is dropped when there are too many', async (t) => {
  const authority = new CountingIssuer();
  const options = { authority, clock: new ManualClock(0, start) };
  const leaves = new LeafCertificates(options);
  for (let index = 0; index < maxLeaves; index++)
    await leaves.leafFor(`h${index}.example`, anyHost);
  await leaves.leafFor('h0.example', anyHost);
  await leaves.leafFor('one-more.example', anyHost);
  t.equal(authority.issued.length, maxLeaves + 1);
  await leaves.leafFor('h0.example', anyHost);
  t.equal(authority.issued.length, maxLeaves + 1, 'used again, it stayed');
  await leaves.leafFor('h1.example', anyHost);
  t.equal(authority.issued.length, maxLeaves + 2, 'the oldest was made anew');
});

t.test('a certificate is renewed thirty days before its end', async (t) => {
  const authority = new CountingIssuer();
  const clock = new ManualClock(0, start);
  const leaves = new LeafCertificates({ authority, clock });
  const first = await leaves.leafFor('a.example', anyHost);
  clock.advance(60 * dayMs - 1);
  t.equal(await leaves.leafFor('a.example', anyHost), first);
  clock.advance(1);
  const second = await leaves.leafFor('a.example', anyHost);
  t.not(second, first);
  t.equal(second?.notAfter, start + 150 * dayMs);
  t.equal(await leaves.leafFor('a.example', anyHost), second);
});

t.test('no certificate outlives its authority, and none is renewed for nothing', async (t) => {
  const clock = new ManualClock(0, start);
  const authority = await authorityAt(t, clock);
  clock.advance(3640 * dayMs);
  const leaves = new LeafCertificates({ authority, clock });
  const leaf = await leaves.leafFor('a.example', anyHost);
  const { validToDate } = new X509Certificate(leaf?.certificate ?? '');
  t.equal(validToDate.getTime(), authority.notAfter);
  clock.advance(9 * dayMs);
  t.equal(await leaves.leafFor('a.example', anyHost), leaf);
});

t.test('a failure is told to who asked, and the next one tries again', async (t) => {
  const authority = new CountingIssuer();
  const options = { authority, clock: new ManualClock(0, start) };
  const leaves = new LeafCertificates(options);
  authority.fails = true;
  await t.rejects(async () => leaves.leafFor('a.example', anyHost), /no key today/);
  authority.fails = false;
  t.match(await leaves.leafFor('a.example', anyHost), { certificate: 'a.example' });
});

t.test('a few are made at one time, some wait, and who comes then is refused', async (t) => {
  const made: (() => void)[] = [];
  const authority: LeafIssuer = {
    notAfter: start + dayMs,
    issue: ({ name }) =>
      new Promise((resolve) => {
        made.push(() => resolve({ certificate: name, privateKey: '', notAfter: start + dayMs }));
      }),
  };
  const leaves = new LeafCertificates({ authority, clock: new ManualClock(0, start) });
  const ask = (index: number) => leaves.leafFor(`h${index}.localhost`, anyHost);
  const asked = Array.from({ length: maxIssuing + maxWaiting }, (_, index) => ask(index));
  t.equal(made.length, maxIssuing);
  await t.rejects(async () => ask(1_000), /too many names/);
  made.shift()?.();
  t.match(await asked[0], { certificate: 'h0.localhost' });
  t.equal(made.length, maxIssuing, 'the next one is made');
  while (made.length > 0) {
    made.shift()?.();
    await new Promise(setImmediate);
  }
  t.equal(new Set(await Promise.all(asked)).size, maxIssuing + maxWaiting);
  const again = ask(1_000);
  made.shift()?.();
  t.match(await again, { certificate: 'h1000.localhost' });
});

t.test('an authority shows no key when it is written out', async (t) => {
  const clock = new ManualClock(0, start);
  const authority = await authorityAt(t, clock);
  const { inspect } = await import('node:util');
  const shown = inspect(authority, { depth: 9, showHidden: true }) + JSON.stringify(authority);
  t.notMatch(shown, /PRIVATE KEY|"d":/);
});

t.test('those that are kept are known when they are made', async (t) => {
  const clock = new ManualClock(0, start);
  const leaves = new LeafCertificates({ authority: new CountingIssuer(), clock });
  const made = leaves.leafFor('A.example', anyHost);
  t.same([...leaves.known()], []);
  await made;
  await leaves.leafFor('b.example', anyHost);
  t.same(
    [...leaves.known()],
    [
      { host: 'a.example', certificate: 'a.example' },
      { host: 'b.example', certificate: 'b.example' },
    ],
  );
});
