import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { analyze } from '../support/findings.ts';
import { runCommand } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

const sound = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80}]}
`;

t.test('exit codes: nothing found, findings, wrong usage', async (t) => {
  const folder = tempFolder({
    'sound.yaml': sound,
    'faulty.yaml': sound.replace('port:', 'prt:'),
    'ignored.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n',
  });
  t.teardown(() => folder.remove());
  t.match(await analyze(`${folder.path}/sound.yaml`), { exitCode: 0, findings: [] });
  t.match(await analyze(`${folder.path}/ignored.yaml`), {
    exitCode: 0,
    findings: [{ severity: 'info', code: 'SLC0022', line: 2 }],
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
  t.equal((await runCommand(['analyze', '-f', folder.path, '--output', 'xml'])).code, 2);
});

t.test('text for people, without colour where it is no terminal', async (t) => {
  const folder = tempFolder({ 'a.yaml': sound.replace('port:', 'prt:') });
  t.teardown(() => folder.remove());
  const { stdout } = await runCommand(['analyze', '-f', `${folder.path}/a.yaml`]);
  t.match(stdout, /a\.yaml:4:16: error SLC0033 Service default\/web: "port" is missing/);
  t.match(stdout, /\n {2}4 \| spec: \{ports: \[\{prt: 80\}\]\}\n {4}\| {16}\^\n1 error\n$/);
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
      { code: 'SLC0203', severity: 'warning', line: 12 },
      { code: 'SLC0212', severity: 'warning', file: path('workload.yaml'), line: 4 },
    ],
  });
  t.match(await analyze(path('address.yaml')), {
    exitCode: 1,
    findings: [{ code: 'SLC0301', severity: 'error', line: 4 }],
  });
});

t.test('a reader that goes away early is no failure', async (t) => {
  const many = Array.from({ length: 2000 }, () => sound.replace('port:', 'prt:')).join('---\n');
  const folder = tempFolder({ 'a.yaml': many });
  t.teardown(() => folder.remove());
  const child = spawn(process.execPath, [main, 'analyze', '-f', `${folder.path}/a.yaml`]);
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
