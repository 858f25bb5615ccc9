import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { authorityPaths } from '../../../src/local-tls/authority-files.ts';
import { openAuthority } from '../../../src/local-tls/local-authority.ts';
import { prepareChildEnvironment } from '../../support/child-environment.ts';
import { runInProcess } from '../../support/command-in-process.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { runCommand, sluiceMain } from '../../support/sluice-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** A home of its own, where `ca` runs the command. */
function home(t: Test) {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  const env = { HOME: folder.path, XDG_DATA_HOME: join(folder.path, 'data') };
  const paths = authorityPaths(join(env.XDG_DATA_HOME, 'sluice'));
  const ca = (...args: string[]) => runInProcess(['ca', ...args], { env });
  return { path: folder.path, env, paths, ca };
}

function fingerprint(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}

t.test('looking makes nothing, and says how to make one', async (t) => {
  const { path, paths, ca } = home(t);
  const plain = await ca();
  t.equal(plain.code, 1);
  t.equal(plain.stderr, '');
  t.match(plain.stdout, /^There is no certificate authority yet\..+`sluice ca --create`/s);
  t.match(plain.stdout, paths.folder);
  for (const flag of ['--print', '--path']) {
    const { code, stdout, stderr } = await ca(flag);
    t.equal(code, 1);
    t.equal(stdout, '', 'nothing that a script would take for an answer');
    t.equal(
      stderr,
      'sluice: there is no certificate authority yet; sluice ca --create makes one\n',
    );
  }
  const { certificate, privateKey } = paths;
  const asJson = await ca('--json');
  t.equal(asJson.code, 1);
  t.same(JSON.parse(asJson.stdout), { exists: false, certificate, privateKey });
  t.same(readdirSync(path), []);
});

t.test('made when asked, it is shown in four ways, and never its key', async (t) => {
  const { paths, ca } = home(t);
  const { code, stdout } = await ca('--create');
  t.equal(code, 0);
  const pem = readFileSync(paths.certificate, 'utf8');
  const [first = '', second = ''] = fingerprint(pem).match(/.{47,48}/g) ?? [];
  for (const part of [paths.certificate, paths.privateKey, first, second, 'sluice local CA ']) {
    t.match(stdout, part);
  }
  t.match(stdout, /^ {2}valid {8}\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d$/m);
  t.equal((await ca()).stdout, stdout, 'as without --create from then on');
  t.equal((await ca('--print')).stdout, pem);
  t.equal((await ca('--path')).stdout, `${paths.certificate}\n`);
  const json = await ca('--create', '--json');
  t.match(JSON.parse(json.stdout), {
    exists: true,
    certificate: paths.certificate,
    privateKey: paths.privateKey,
    name: /^sluice local CA [0-9a-f]{8}$/,
    sha256: fingerprint(pem),
    notBefore: /^\d{4}-.+Z$/,
    notAfter: /^\d{4}-.+Z$/,
  });
  t.notMatch(stdout + json.stdout, 'PRIVATE KEY');
});

t.test('several that start at once end with one authority', async (t) => {
  const { env, paths } = home(t);
  const all = await Promise.all(
    Array.from({ length: 4 }, () => runCommand(['ca', '--create', '--print'], { env })),
  );
  t.same(
    all.map(({ code, stderr }) => ({ code, stderr })),
    Array(4).fill({ code: 0, stderr: '' }),
  );
  t.equal(new Set(all.map(({ stdout }) => stdout)).size, 1);
  t.equal(all[0]?.stdout, readFileSync(paths.certificate, 'utf8'));
  t.same(readdirSync(join(env.XDG_DATA_HOME, 'sluice')), ['ca'], 'and nothing beside it');
});

t.test('how to trust it is told for programs, the system and browsers', async (t) => {
  const { path, paths, ca } = home(t);
  const { stdout } = await ca('--create');
  t.match(stdout, `curl --cacert ${paths.certificate} `);
  t.match(stdout, `NODE_EXTRA_CA_CERTS=${paths.certificate} `);
  t.match(stdout, /^Firefox$/m);
  if (process.platform !== 'linux') return;
  t.match(stdout, 'sudo update-ca-certificates');
  t.match(stdout, `certutil -A -d sql:${path}/data/pki/nssdb `);
  mkdirSync(join(path, '.pki/nssdb'), { recursive: true });
  t.match((await ca()).stdout, `certutil -A -d sql:${path}/.pki/nssdb `, 'where Chromium has it');
});

t.test('commands stay one word for each path, whatever is in it', async (t) => {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  const data = join(folder.path, "it's here");
  const { stdout } = await runInProcess(['ca', '--create'], { env: { XDG_DATA_HOME: data } });
  const [, quoted = ''] = /^ {2}curl --cacert (.+) https:/m.exec(stdout) ?? [];
  const { stdout: word } = spawnSync('sh', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' });
  t.equal(word, join(data, 'sluice/ca/ca.crt'));
});

t.test('it is replaced when told so, without a terminal only by --yes', async (t) => {
  const { paths, ca } = home(t);
  t.equal((await ca('--renew')).code, 0, 'nothing is lost where there is none');
  const before = readFileSync(paths.certificate, 'utf8');
  const asked = await ca('--renew');
  t.equal(asked.code, 2);
  t.match(asked.stderr, /^sluice: --renew asks before .+ add --yes \(see --help\)\n$/);
  t.equal(readFileSync(paths.certificate, 'utf8'), before);
  const told = await ca('--renew', '--yes');
  t.equal(told.code, 0);
  t.match(told.stdout, /^A new certificate authority\. Restart /);
  const after = readFileSync(paths.certificate, 'utf8');
  t.not(fingerprint(after), fingerprint(before));
});

/** That of util-linux; the script of other systems takes other flags. */
const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
const noScript = { skip: hasScript ? false : 'no script(1) of util-linux here' };

t.test('on a terminal it asks first', noScript, async (t) => {
  const { env, paths, ca } = home(t);
  await ca('--create');
  const before = readFileSync(paths.certificate, 'utf8');
  const command = `'${process.execPath}' '${sluiceMain}' ca --renew`;
  const answered = (input: string) =>
    spawnSync('script', ['-qec', command, '/dev/null'], {
      input,
      env: prepareChildEnvironment(env),
      encoding: 'utf8',
    });
  for (const input of ['n\n', '\n', 'what\n', '\u0004']) {
    const { status, stdout } = answered(input);
    t.equal(status, 1, JSON.stringify(input));
    t.match(stdout, /has to be trusted again\. \[y\/N\].+sluice: nothing was changed/s);
  }
  t.equal(readFileSync(paths.certificate, 'utf8'), before);
  t.equal(answered('y\n').status, 0);
  t.not(readFileSync(paths.certificate, 'utf8'), before);
});

t.test(
  'an authority that cannot be used is one line, and stays until it is replaced',
  async (t) => {
    const { paths, ca } = home(t);
    await ca('--create');
    chmodSync(paths.privateKey, 0o644);
    for (const flags of [[], ['--print'], ['--create'], ['--json']]) {
      const { code, stdout, stderr } = await ca(...flags);
      t.equal(code, 1);
      t.equal(stdout, '');
      t.match(
        stderr,
        /^sluice: .+ca\.key has mode 0644, .+; sluice ca --renew makes a new one.+\n$/,
      );
    }
    chmodSync(paths.privateKey, 0o600);
    writeFileSync(paths.certificate, 'damaged');
    t.match((await ca()).stderr, /^sluice: .+ca\.crt holds no certificate; .+\n$/);
    t.equal((await ca('--renew', '--yes')).code, 0);
    t.equal((await ca()).code, 0);
  },
);

t.test('an authority near its end still works, one past it does not', async (t) => {
  const dayMs = 86_400_000;
  const madeBefore = async (days: number) => {
    const { paths, ca } = home(t);
    const made = await openAuthority(paths, new ManualClock(0, Date.now() - days * dayMs));
    t.ok(made.ok);
    return ca;
  };
  const near = await (await madeBefore(3640))();
  t.equal(near.code, 0);
  t.match(near.stderr, /^sluice: the certificate authority .+ expires on .+ --renew .+\n$/);
  const past = await madeBefore(3660);
  const shown = await past();
  t.equal(shown.code, 1);
  t.match(shown.stdout, 'sluice local CA');
  t.match(shown.stderr, /^sluice: the certificate authority .+ expired on .+ --renew .+\n$/);
  t.equal((await past('--create')).stdout, '', 'it is not taken for one that works');
});

t.test('wrong usage, and a user without a home', async (t) => {
  const { ca } = home(t);
  for (const flags of [
    ['--print', '--path'],
    ['--json', '--path'],
    ['--create', '--renew'],
    ['--instal'],
    ['somewhere'],
  ]) {
    t.equal((await ca(...flags)).code, 2, flags.join(' '));
  }
  const homeless = await runInProcess(['ca'], { env: { HOME: '', XDG_DATA_HOME: '' } });
  t.equal(homeless.code, 1);
  t.equal(homeless.stderr, 'sluice: there is no home folder; set HOME or XDG_DATA_HOME\n');
});

t.test('nothing is written but the authority', async (t) => {
  const { path, ca } = home(t);
  for (const flags of [['--create'], [], ['--json'], ['--renew', '--yes']]) await ca(...flags);
  const written = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  const folder = 'data/sluice/ca';
  t.same(written, ['data', 'data/sluice', folder, `${folder}/ca.crt`, `${folder}/ca.key`]);
});
