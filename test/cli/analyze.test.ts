import t from 'tap';
import { analyze } from '../support/findings.ts';
import { runCommand } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

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
