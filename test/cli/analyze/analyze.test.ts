import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { runInProcess } from '../../support/command-in-process.ts';
import { analyze } from '../../support/findings.ts';
import { runCommand, sluiceMain } from '../../support/sluice-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { tlsFile } from '../../support/tls-fixtures.ts';

const sound = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80, name: http}]}
`;

// Each test starts the real command, more than once.
t.setTimeout(120_000);

t.test('exit codes: nothing found, findings, wrong usage', async (t) => {
  const folder = tempFolder({
    'sound.yaml': sound,
    'faulty.yaml': sound.replace('port: 80, ', ''),
    'ignored.yaml': 'apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: a}\n',
  });
  t.teardown(() => folder.remove());
  t.match(await analyze(`${folder.path}/sound.yaml`), { exitCode: 0, findings: [] });
  t.match(await analyze(`${folder.path}/ignored.yaml`), {
    exitCode: 1,
    findings: [
      {
        severity: 'error',
        code: 'SLC0005',
        message: `no resources found in ${folder.path}/ignored.yaml`,
      },
      { severity: 'info', code: 'SLC0022', line: 2 },
    ],
  });
  t.match(await analyze(folder.path), {
    exitCode: 1,
    findings: [{ code: 'SLC0033', line: 4 }, { code: 'SLC0022' }],
  });
  t.match(await analyze(`${folder.path}/missing`), {
    exitCode: 1,
    findings: [{ code: 'SLC0001' }],
  });
  t.equal((await runCommand(['analyze'])).code, 2);
  t.equal((await runInProcess(['analyze', '-f', folder.path, '--output', 'xml'])).code, 2);
});

t.test('text for people, without colour where it is no terminal', async (t) => {
  const folder = tempFolder({ 'a.yaml': sound.replace('port: 80, ', '') });
  t.teardown(() => folder.remove());
  const { stdout } = await runInProcess(['analyze', '-f', `${folder.path}/a.yaml`]);
  t.match(stdout, /a\.yaml:4:16: error SLC0033 Service default\/web: "port" is missing/);
  t.match(
    stdout,
    /\n {2}4 \| spec: \{ports: \[\{name: http\}\]\}\n {4}\| {16}\^\n1 error; each code is explained in .+messages\.md\n$/,
  );
});

t.test('the Bootstrap and what translation finds are checked too', async (t) => {
  const rule = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: wep}}]
`;
  const bootstrap = (spec: string) =>
    `apiVersion: sluice.dev/v1\nkind: Bootstrap\nmetadata: {name: a}\nspec: ${spec}\n`;
  const folder = tempFolder({
    'rules.yaml': `${sound}---\n${rule}`,
    'workload.yaml': bootstrap('{workloads: {wep-v1: 127.0.0.1:1}}'),
    'address.yaml': bootstrap('{listeners: {outbound: here}}'),
  });
  t.teardown(() => folder.remove());
  const path = (name: string): string => `${folder.path}/${name}`;
  t.match(await analyze(path('rules.yaml'), path('workload.yaml')), {
    exitCode: 1,
    findings: [
      { code: 'SLC0210', severity: 'info', file: path('rules.yaml'), line: 1 },
      { code: 'IST0101', severity: 'warning', line: 12 },
      { code: 'SLC0212', severity: 'warning', file: path('workload.yaml'), line: 4 },
    ],
  });
  t.match(await analyze(path('address.yaml')), {
    exitCode: 1,
    findings: [{ code: 'SLC0301', severity: 'error', line: 4 }],
  });
});

t.test('a reader that goes away early is no failure', async (t) => {
  const many = Array.from({ length: 2000 }, () => sound.replace('port: 80, ', '')).join('---\n');
  const folder = tempFolder({ 'a.yaml': many });
  t.teardown(() => folder.remove());
  const child = spawn(process.execPath, [sluiceMain, 'analyze', '-f', `${folder.path}/a.yaml`]);
  child.stdout.once('data', () => child.stdout.destroy());
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes;
  });
  const [code] = await once(child, 'close');
  t.equal(code, 1);
  t.equal(stderr, '');
});

t.test('a pipe as a path is refused, for it can be read only once', async (t) => {
  t.match(await analyze('/dev/null'), {
    exitCode: 1,
    findings: [{ code: 'SLC0001', message: 'cannot read: a pipe or device' }],
  });
});

t.test('nothing to check is an error: an empty input, folder or file', async (t) => {
  const folder = tempFolder({ 'folder/readme.txt': 'none\n', 'empty.yaml': '# none\n' });
  t.teardown(() => folder.remove());
  const none = { code: 'SLC0005', severity: 'error' };
  t.match(await analyze(`${folder.path}/empty.yaml`), { exitCode: 1, findings: [none] });
  t.match(await analyze(`${folder.path}/folder`), {
    exitCode: 1,
    findings: [{ code: 'SLC0004' }, none],
  });
  const hint = ' (it is empty: see whether the command before the pipe fails)';
  for (const [stdin, after] of [
    ['', hint],
    ['\n', hint],
    ['apiVersion: v1\nkind: List\nitems: []\n', ''],
  ] as const) {
    const result = await runInProcess(['analyze', '-f', '-'], { stdin });
    t.equal(
      result.stdout,
      `error SLC0005 no resources found in standard input${after}\n` +
        '1 error; each code is explained in docs/messages.md\n',
      stdin,
    );
    t.equal(result.code, 1);
  }
});

t.test('whose proxy it is can be said without a Bootstrap', async (t) => {
  const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec:
  selector: {app: edge}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]
`;
  const rule = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: prod}
spec: {hosts: [web], exportTo: ["."], http: [{delegate: {name: none}}]}
`;
  const folder = tempFolder({ 'a.yaml': `${sound}---\n${gateway}---\n${rule}` });
  t.teardown(() => folder.remove());
  const has = async (code: string, ...flags: string[]) => {
    const args = ['analyze', '-f', folder.path, '--output', 'json', ...flags];
    const { stdout } = await runInProcess(args);
    return (JSON.parse(stdout) as { code: string }[]).some((finding) => finding.code === code);
  };
  t.ok(await has('SLC0202'), 'the Gateway is for every proxy without labels');
  t.notOk(await has('SLC0202', '--labels', 'app=other'), 'and not for this one');
  t.ok(await has('SLC0212', '--workload', 'wep=127.0.0.1:1'), 'no workload has the name');
  t.notOk(await has('SLC0211'), 'the rule is not for this namespace');
  t.ok(await has('SLC0211', '--namespace', 'prod'), 'but for that one');
  const wrong = await runInProcess(['analyze', '-f', folder.path, '--labels', '=x']);
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /^sluice: --labels: .+\n$/);
});

t.test('what decides who may come in, and is not enforced, is a warning', async (t) => {
  const policies = ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'];
  const documents = policies.map(
    (kind) => `apiVersion: security.istio.io/v1\nkind: ${kind}\nmetadata: {name: a}\nspec: {}\n`,
  );
  const folder = tempFolder({ 'a.yaml': [sound, ...documents].join('---\n') });
  t.teardown(() => folder.remove());
  const { exitCode, findings } = await analyze(folder.path);
  t.equal(exitCode, 1);
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  t.same(
    warnings.map(({ code }) => code),
    ['SLC0025', 'SLC0025', 'SLC0025'],
  );
  t.match(warnings[0]?.message, /^AuthorizationPolicy .+ is not enforced yet, it has no effect$/);
});

t.test('files with certificates are read, and told at the field that names them', async (t) => {
  const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec:
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [a.test]
    tls:
      mode: MUTUAL
      serverCertificate: ${tlsFile('server-a.pem')}
      privateKey: /nowhere/a.key
      caCertificates: ${tlsFile('authority.pem')}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [a.test]
  gateways: [gw]
  http: [{directResponse: {status: 200}}]
`;
  const folder = tempFolder({
    'missing.yaml': gateway,
    'sound.yaml': gateway.replace('/nowhere/a.key', tlsFile('server-a.key.pem')),
  });
  t.teardown(() => folder.remove());
  const missing = await analyze(`${folder.path}/missing.yaml`);
  t.match(missing, {
    exitCode: 1,
    findings: [
      {
        code: 'SLC0305',
        severity: 'error',
        line: 11,
        column: 7,
        path: 'spec.servers[0].tls.privateKey',
        resource: 'Gateway default/gw',
        message: 'a certificate cannot be used: /nowhere/a.key: ENOENT',
      },
    ],
  });
  t.match(await analyze(`${folder.path}/sound.yaml`), { exitCode: 0, findings: [] });
});

const faulty = `${sound}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
  - match: [{uri: {prefix: /a}}, {method: {exact: get}}]
    route: [{destination: {host: web}}]
`;

t.test('findings can be left out, and the severity that counts be chosen', async (t) => {
  const folder = tempFolder({ 'a.yaml': faulty });
  t.teardown(() => folder.remove());
  const run = async (...flags: string[]) => {
    const args = ['analyze', '-f', folder.path, '--output', 'json', '--suppress', 'SLC0210'];
    const { code, stdout } = await runInProcess([...args, ...flags]);
    const codes = (JSON.parse(stdout) as { code: string }[]).map((finding) => finding.code);
    return `${code} ${codes.join(' ')}`.trim();
  };
  const all = 'SLC0408 SLC0413';
  t.equal(await run(), `1 ${all}`);
  t.equal(await run('--fail-on', 'error'), `0 ${all}`);
  t.equal(await run('--suppress', 'SLC0413'), '0 SLC0408');
  t.equal(await run('--suppress', 'SLC0413', '--fail-on', 'info'), '1 SLC0408');
  t.equal(await run('--suppress', '*=VirtualService default/web'), '0');
  t.equal(await run('--suppress', 'SLC0413=VirtualService other/*'), `1 ${all}`);
  const wrong = await runInProcess(['analyze', '-f', folder.path, '--suppress', 'all']);
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /^sluice: .*--suppress.*CODE=Kind namespace\/name.*\n$/);
});

t.test('every format says the same', async (t) => {
  const folder = tempFolder({ 'a.yaml': faulty });
  t.teardown(() => folder.remove());
  const run = async (format: string) => {
    const args = ['analyze', '-f', `${folder.path}/a.yaml`, '--output', format];
    return (await runInProcess(args)).stdout;
  };
  const log = JSON.parse(await run('sarif'));
  t.match(
    log.runs[0].results.map((result: { ruleId: string }) => result.ruleId),
    ['SLC0210', 'SLC0408', 'SLC0413'],
  );
  const github = await run('github');
  t.match(
    github,
    /^::notice file=.+a\.yaml,line=12,col=\d+,title=SLC0408::VirtualService default\/web/m,
  );
  t.match(github, /^::warning file=.+title=SLC0413::.+docs\/messages\.md#slc0413$/m);
  t.match(github, /\n1 warning, 2 infos\n$/);
});

t.test('files are mended, or what would be done is shown', async (t) => {
  const old = `${sound}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web} # kept
spec:
  hosts: [web]
  http:
  - route:
    - destination: {host: web}
      weighting: 100
`;
  const folder = tempFolder({ 'a.yaml': old, 'b.yaml': sound.replace('web', 'b') });
  t.teardown(() => folder.remove());
  const path = `${folder.path}/a.yaml`;
  const run = (...flags: string[]) => runInProcess(['analyze', '-f', folder.path, ...flags]);
  const preview = await run('--fix', '--dry-run');
  t.equal(preview.code, 1);
  t.equal(
    preview.stdout,
    `--- ${path}\n+++ ${path}\n@@ -11,4 +11,4 @@\n   http:\n   - route:\n` +
      '     - destination: {host: web}\n-      weighting: 100\n+      weight: 100\n',
  );
  t.equal(readFileSync(path, 'utf8'), old);
  const fixed = await run('--fix');
  t.equal(fixed.stderr, `sluice: ${path}:14: SLC0030 "weighting" becomes "weight"\n`);
  t.equal(fixed.code, 0);
  t.notMatch(fixed.stdout, 'SLC0030');
  t.equal(readFileSync(path, 'utf8'), old.replace('weighting', 'weight'));
  const again = await run('--fix', '--dry-run');
  t.strictSame([again.code, again.stdout], [0, 'nothing to fix\n']);
  const missing = await run('-f', `${folder.path}/none`, '--fix', '--dry-run');
  t.strictSame([missing.code, missing.stdout], [1, ''], 'what is not read is not called right');
  t.match(missing.stderr, `${folder.path}/none`);
  t.equal((await run('--dry-run')).code, 2);
  t.equal((await runCommand(['analyze', '-f', '-', '--fix'], { stdin: sound })).code, 2);
});
