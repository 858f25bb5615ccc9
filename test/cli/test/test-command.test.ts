import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';
import { runInProcess } from '../../support/command-in-process.ts';
import { eventually } from '../../support/deadline.ts';
import { runCommand, spawnSluice } from '../../support/sluice-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

t.setTimeout(120_000);

// `sluice test` as users run it.

const root = resolve(import.meta.dirname, '../../..');
const example = join(root, 'config/routing-tests');

const rules = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
  - name: first
    match: [{uri: {prefix: /a}}]
    route: [{destination: {host: web}}]
  - name: second
    route: [{destination: {host: web}}]
`;

const tests = `testCases:
- description: "<a> & b # c"
  request: {authority: web, uri: [/a, /b]}
  routeName: first
- description: passes
  request: {authority: web, uri: /a/b}
  routeName: first
`;

const folder = tempFolder({
  'rules/rules.yaml': rules,
  'tests/tests.yaml': tests,
  'good/tests.yaml': tests.replace(', /b]', ']'),
});
t.teardown(() => folder.remove());

function sluiceTest(...args: string[]) {
  return runInProcess(['test', ...args], { cwd: folder.path });
}

t.test('the example passes, and every one of its routes but one is reached', async (t) => {
  const args = [join(example, 'tests'), '-f', join(example, 'rules'), '--coverage'];
  const { code, stdout, stderr } = await sluiceTest(...args);
  t.equal(stderr, '');
  t.equal(code, 0);
  t.match(stdout, /^Routes that no test has reached:\n.*rules\.yaml:69: .*"preview"\n\n/);
  t.match(stdout, /10 passed, 0 failed \(26 requests\)\n7 of 8 routes reached \(87\.5 %\)\n$/);
});

t.test('its README shows what the command prints', async (t) => {
  const readme = readFileSync(join(example, 'README.md'), 'utf8');
  for (const [, args = '', shown] of readme.matchAll(/^\$ npm run -s sluice -- (.*)\n([^`]*)/gm)) {
    const { stdout } = await runInProcess(args.trim().split(' '), { cwd: root });
    t.equal(stdout, shown, args);
  }
  t.match(readme, /^\$ npm run -s sluice -- test /m);
});

t.test('a failure says how it differs, and why the request went where it went', async (t) => {
  const { code, stdout } = await sluiceTest('tests', '-f', 'rules', '--verbose');
  t.equal(code, 1);
  t.equal(
    stdout,
    `FAIL <a> & b # c (tests/tests.yaml:2)
  GET http://web/b: route "second" of VirtualService default/web (rules/rules.yaml:15) decides
    routeName
      - expected first
      + actual   second
    listener outbound_127.0.0.1_15001, virtual host web.default.svc.cluster.local:80
      not "first" rules/rules.yaml:13: path is "/b", not prefix "/a"
      then "second" rules/rules.yaml:15: path prefix "/"
pass passes (1 request)

1 passed, 1 failed (3 requests)
2 of 2 routes reached (100 %)
`,
  );
});

t.test('JUnit, TAP and JSON', async (t) => {
  const [junit, tap, json] = await Promise.all(
    ['junit', 'tap', 'json'].map((output) =>
      sluiceTest('tests', '-f', 'rules', '--output', output),
    ),
  );
  t.match([junit, tap, json], [{ code: 1 }, { code: 1 }, { code: 1 }]);
  t.match(junit?.stdout, /^<\?xml .*\n<testsuites name="sluice test" tests="2" failures="1">\n/);
  t.match(junit?.stdout, /<testcase name="&lt;a&gt; &amp; b # c" classname="tests\/tests.yaml" /);
  t.match(junit?.stdout, /<failure message="route &quot;second&quot; .*">GET .*\n {2}routeName: /);
  t.match(tap?.stdout, /^TAP version 14\n1\.\.2\nnot ok 1 - <a> & b \\# c\n {2}---\n {2}at: /);
  t.match(tap?.stdout, /\n {2}\.\.\.\nok 2 - passes\n$/);
  t.match(JSON.parse(json?.stdout ?? ''), {
    passed: 1,
    failed: 1,
    requests: 3,
    tests: [
      {
        file: 'tests/tests.yaml',
        line: 2,
        passed: false,
        failures: [
          {
            request: 'GET http://web/b',
            differences: [{ field: 'routeName', expected: 'first', actual: 'second' }],
            explanation: { matched: { name: 'second' } },
          },
        ],
      },
      { passed: true },
    ],
    coverage: { total: 2, reached: 2 },
  });
});

t.test('too little coverage fails', async (t) => {
  const under = (percent: string) => sluiceTest('good', '-f', 'rules', '--fail-under', percent);
  t.match(await under('50'), { code: 0 });
  t.match(await under('50.5%'), {
    code: 1,
    stderr: 'sluice: tests reach 50.0 % of the routes, fewer than 50.5 %\n',
  });
});

t.test('tests and rules may lie in one folder', async (t) => {
  t.match(await sluiceTest('.', '-f', '.'), {
    code: 1,
    stdout: /3 passed, 1 failed/,
  });
  t.match(await sluiceTest('good', '-f', '.'), { code: 0 });
});

const refusals: readonly (readonly [args: string[], code: number, stderr: RegExp])[] = [
  [[], 2, /^sluice: missing required argument 'path' \(see --help\)\n$/],
  [['tests'], 2, /required option '-f, --file <path...>' not specified/],
  [['tests', '-f', 'rules', '--output', 'xml'], 2, /Allowed choices are text, junit, tap, json/],
  [['tests', '-f', 'rules', '--fail-under', '101'], 2, /a percentage is 0 to 100/],
  [['-', '-f', '-'], 2, /^sluice: standard input can be read only once/],
  [['tests', '-f', 'rules', '--labels', '='], 2, /^sluice: --labels: /],
  [['none', '-f', 'rules'], 1, /^none: error SLC0001 cannot read/],
  [['rules/rules.yaml', '-f', 'rules'], 1, /no document of this file has "testCases"/],
  [
    ['rules', '-f', 'rules'],
    1,
    /^sluice: no tests found in rules: a file of tests has a list "testCases"\n$/,
  ],
];

t.test('what is refused, and how', async (t) => {
  await Promise.all(
    refusals.map(async ([args, code, stderr]) => {
      const result = await sluiceTest(...args);
      t.match({ ...result, stderr: result.stderr }, { code, stderr, stdout: '' }, args.join(' '));
    }),
  );
});

t.test('a broken configuration and a misspelt test have their place', async (t) => {
  const broken = tempFolder({
    'rules.yaml': rules.replace('hosts:', 'host:'),
    'tests.yaml': tests.replace('routeName', 'routname'),
  });
  t.teardown(() => broken.remove());
  const run = (...args: string[]) => runInProcess(['test', ...args], { cwd: broken.path });
  t.match(await run('tests.yaml', '-f', join(folder.path, 'rules')), {
    code: 1,
    stderr:
      /^tests\.yaml:4:3: error SLC0030 unknown field "routname" in testCases\[0\] \(did you mean "routeName"\?\)\n {2}4 \|/,
  });
  t.match(await run(join(folder.path, 'tests'), '-f', 'rules.yaml'), {
    code: 1,
    stderr:
      /^rules\.yaml:10:3: error SLC0030 (?:.|\n)*\nsluice: the configuration is refused; no test was run\n$/,
  });
});

t.test('tests come from standard input, too', async (t) => {
  const stdin = tests.replace(', /b]', ']');
  const { code, stdout } = await runCommand(['test', '-', '-f', 'rules'], {
    cwd: folder.path,
    stdin,
  });
  t.equal(code, 0);
  t.match(stdout, /^2 passed/);
});

t.test('--watch runs again when a test or a rule changes, until it is interrupted', async (t) => {
  const watched = tempFolder({ 'rules.yaml': rules, 'tests.yaml': tests });
  t.teardown(() => watched.remove());
  const args = ['test', 'tests.yaml', '-f', 'rules.yaml', '--watch'];
  const child = spawnSluice(args, { cwd: watched.path });
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  let messages = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    messages += text;
  });
  const runs = () => messages.split('watching; Ctrl-C ends').length - 1;
  const ran = (count: number) =>
    eventually(`run ${count}`, { within: 15_000 }, () => runs() >= count);
  await ran(1);
  t.match(output, /1 passed, 1 failed/);
  output = '';
  writeFileSync(join(watched.path, 'tests.yaml'), tests.replace(', /b]', ']'));
  await ran(2);
  t.match(output, /2 passed, 0 failed/);
  output = '';
  writeFileSync(join(watched.path, 'rules.yaml'), rules.replace('prefix: /a', 'prefix: /c'));
  await ran(3);
  t.match(output, /0 passed, 2 failed/);
  writeFileSync(join(watched.path, 'rules.yaml'), rules.replace('hosts:', 'host:'));
  await ran(4);
  t.match(messages, /rules\.yaml:10:3: error SLC0030/, 'what is broken is told');
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  t.same(await exited, [0, null]);
});
