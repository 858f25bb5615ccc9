import t, { type Test } from 'tap';
import { eventually } from '../../support/deadline.ts';
import { hasStackTrace } from '../../support/findings.ts';
import { runCommand, SluiceProcess } from '../../support/sluice-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const service =
  'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n';
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web-v1}
spec: {template: {metadata: {labels: {app: web}}}}
`;
const bootstrap = `apiVersion: sluice.dev/v1
kind: Bootstrap
metadata: {name: a}
spec:
  limits: {mirrorTimeout: 0s}
`;

function bootstrapOf(spec: string): string {
  return `apiVersion: sluice.dev/v1\nkind: Bootstrap\nmetadata: {name: a}\nspec: ${spec}\n`;
}

const folder = tempFolder({
  'good/a.yaml': service,
  'good/b.yaml': deployment,
  'nothing/readme.txt': 'no configuration\n',
  'ignored/a.yaml': 'apiVersion: v1\nkind: LimitRange\nmetadata: {name: a}\n',
  'broken/a.yaml': 'apiVersion: v1\nkind: [Service\n',
  'binary/a.yaml': 'a: \0\u001b[31m\n',
  'limits/a.yaml': bootstrap,
  'format/a.yaml': bootstrapOf('{meshConfig: {accessLogFormat: "%NOPE%"}}'),
  'log/a.yaml': bootstrapOf('{accessLog: {path: /nonexistent/a.log}}'),
  'huge/a.yaml': '#'.repeat(17 * 1024 * 1024),
});
t.teardown(() => folder.remove());
const path = (name: string): string => `${folder.path}/${name}`;

/** The lines of standard error; fails unless each is one `sluice: …`. */
async function refused(t: Test, args: readonly string[], code: number): Promise<string[]> {
  const result = await runCommand(['run', ...args]);
  t.equal(result.code, code, args.join(' '), { ...result });
  t.notOk(hasStackTrace(result.stderr), 'no stack trace');
  const lines = result.stderr.trimEnd().split('\n');
  t.ok(
    lines.every((line) => line.startsWith('sluice: ')),
    'one line for each mistake',
    { lines },
  );
  return lines.map((line) => line.slice('sluice: '.length).replaceAll(`${folder.path}/`, ''));
}

t.test('a configuration that cannot be used is refused in one line for each mistake', async (t) => {
  const table: readonly (readonly [string, readonly (string | RegExp)[]])[] = [
    [
      'missing',
      [
        'error SLC0001 cannot read: there is no such file or folder (missing)',
        'the configuration was refused',
      ],
    ],
    [
      'nothing',
      [
        'warning SLC0004 no .yaml, .yml or .json file in this folder (nothing)',
        'no resources found in nothing',
      ],
    ],
    [
      'ignored',
      [
        'info SLC0022 LimitRange (v1) is not read, it has no effect (ignored/a.yaml:2:1)',
        'no resources found in ignored',
      ],
    ],
    ['broken', [/^error SLC0010 .+ \(broken\/a\.yaml:3:1\)$/, 'the configuration was refused']],
    ['binary', [/^error SLC0020 .+ \(binary\/a\.yaml:1:1\)$/, 'the configuration was refused']],
    [
      'huge',
      [
        'error SLC0003 the file is larger than 16 MiB (huge/a.yaml)',
        'the configuration was refused',
      ],
    ],
    [
      'limits',
      [
        'error SLC0301 Bootstrap a: mirrorTimeout must be 1ms or more, not 0s (limits/a.yaml:5:12)',
        'the configuration was refused',
      ],
    ],
    [
      'format',
      [
        /^error IST0106 Bootstrap a: .*%NOPE% is no operator.* \(format\/a\.yaml:4:38\)$/,
        'the configuration was refused',
      ],
    ],
    [
      'log',
      [
        /^error SLC0304 .*access log \/nonexistent\/a.log: ENOENT.* \(log\/a\.yaml:4:20\)$/,
        'the configuration was refused',
      ],
    ],
  ];
  for (const [name, lines] of table) t.match(await refused(t, ['-f', path(name)], 1), lines);
});

t.test('wrong usage says what was probably meant', async (t) => {
  const good = ['-f', path('good')];
  const table: readonly (readonly [readonly string[], string])[] = [
    [[], "required option '-f, --file <path...>' not specified (see --help)"],
    [['--bogus'], "unknown option '--bogus' (see --help)"],
    [
      [...good, '--access-log-format', '%FOO%'],
      '--access-log-format: %FOO% is no operator, at character 1 of the format',
    ],
    [
      [...good, '--access-log-format', 'jsn'],
      '--access-log-format: "jsn" has no operator, every line would be the same; did you mean json?',
    ],
    [
      [...good, '--concurrency', '0'],
      `option '--concurrency <n>' argument '0' is invalid. Write a whole number, 1 to 256, or "auto" (see --help)`,
    ],
    [['-f'], "option '-f, --file <path...>' argument missing (see --help)"],
    [
      [...good, '--outbond', '127.0.0.1:1'],
      "unknown option '--outbond'; did you mean --outbound? (see --help)",
    ],
    [
      [...good, '--workload', 'web=db:80'],
      '--workload: "db" is no IP address: write IP:PORT or localhost:PORT',
    ],
    [
      [...good, '--outbound', '127.0.0.1:15000'],
      '--outbound: outbound (127.0.0.1:15000) has the address of admin (127.0.0.1:15000)',
    ],
  ];
  for (const [args, line] of table) t.strictSame(await refused(t, args, 2), [line]);
  const typo = await runCommand(['analize']);
  t.equal(typo.stderr, "sluice: unknown command 'analize'; did you mean analyze? (see --help)\n");
});

t.test('several paths after one -f, as shells expand them', async (t) => {
  const args = ['-f', path('good/a.yaml'), path('good/b.yaml'), '--outbound', '127.0.0.1:0'];
  const proxy = await SluiceProcess.start([...args, '--workload', 'web-v2=127.0.0.1:1']);
  t.teardown(() => proxy.kill());
  t.match(
    proxy.stderr,
    /SLC0212 .+ has the name web-v2 of the workloads map; did you mean "web-v1"\?/,
  );
  t.match(await proxy.stop(), { code: 0 });
});

const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw}
spec:
  servers:
  - port: {number: 80, name: a, protocol: HTTP}
    hosts: ['*']
`;
const soon = { within: 10_000 };
const noListener = 'sluice: no listener is open: the configuration has none that can be served';

t.test('a proxy without an open listener waits for changes of its files', async (t) => {
  const rules = tempFolder({ 'a.yaml': service });
  t.teardown(() => rules.remove());
  const flags = ['--outbound', 'off', '--port', '80=0'];
  const proxy = await SluiceProcess.startWithoutAdmin(['-f', rules.path, ...flags]);
  t.teardown(() => proxy.kill());
  t.match(proxy.stderr, `${noListener}; waiting for changes of files\n`);
  rules.write('a.yaml', gateway);
  await eventually('a listener', soon, () => /listener opened/.test(proxy.stderr));
  rules.write('a.yaml', service);
  await eventually('no listener', soon, () => /warning.*no listener is open/.test(proxy.stderr));
  rules.write('a.yaml', gateway);
  const isOpenAgain = () => proxy.stderr.split('listener opened').length === 3;
  await eventually('a listener again', soon, isOpenAgain);
  t.match(await proxy.stop(), { code: 0 });
});

t.test('a proxy that could do nothing, ever, says so and ends', async (t) => {
  const args = ['run', '-f', path('good'), '--admin', 'off', '--outbound', 'off', '--no-watch'];
  const { code, stderr } = await runCommand(args);
  t.equal(code, 1);
  t.equal(stderr.trimEnd().split('\n').at(-1), noListener);
  const input = ['run', '-f', '-', '--admin', 'off', '--outbound', 'off'];
  t.match(await runCommand(input, { stdin: service }), { code: 1 }, 'input never changes');
});

t.test('both ways to ask for the version print the same', async (t) => {
  const [flag, command] = [await runCommand(['--version']), await runCommand(['version'])];
  t.match(flag, { code: 0, stdout: /^sluice \d+\.\d+\.\d+\S*\n$/ });
  t.same(flag, command);
});
