import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runInProcess } from '../../support/command-in-process.ts';
import { runCommand, SluiceProcess } from '../../support/sluice-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

t.setTimeout(120_000);

const bookinfo = join(import.meta.dirname, '../../../config/bookinfo');
const folder = tempFolder();
t.teardown(() => folder.remove());
const rules = join(folder.path, 'rules');
const edited = join(folder.path, 'edited');
const cwd = folder.path;

for (const copy of [rules, edited]) cpSync(bookinfo, copy, { recursive: true });
const reviews = join(edited, 'reviews.yaml');
writeFileSync(
  reviews,
  readFileSync(reviews, 'utf8')
    .replace('weight: 80', 'weight: 60')
    .replace('weight: 20', 'weight: 40'),
);

interface Printed {
  readonly regions: readonly {
    readonly hosts: readonly string[];
    readonly differences: readonly { readonly field: string }[];
  }[];
  readonly others: readonly unknown[];
}

t.test('text', async (t) => {
  const { code, stdout, stderr } = await runCommand(['diff', 'rules', 'edited'], { cwd });
  t.equal(code, 1, stderr);
  t.match(stdout, /reviews\.default\.svc\.cluster\.local, .* \(80, 9080\)|\(80\)/);
  t.match(stdout, '- reviews.default:9080 v1 80 %, reviews.default:9080 v3 20 %');
  t.match(stdout, '+ reviews.default:9080 v1 60 %, reviews.default:9080 v3 40 %');
  t.match(stdout, 'example: GET http://reviews.default.svc.cluster.local:9080/');
  t.match(stdout, 'rules/reviews.yaml:24');
  t.match(stdout, 'not by route #1 "jason": header end-user exact "jason", the request has none');
  t.match(stdout, /groups? of requests treated differently\.\n$/);
});

t.test('JSON', async (t) => {
  const args = ['diff', 'rules', 'edited', '--output', 'json'];
  const { code, stdout } = await runInProcess(args, { cwd });
  t.equal(code, 1);
  const printed = JSON.parse(stdout) as Printed;
  const fields = printed.regions.flatMap(({ differences }) =>
    differences.map(({ field }) => field),
  );
  t.same(new Set(fields), new Set(['destination']));
  t.same(printed.others, []);
});

t.test('Markdown for a pull request', async (t) => {
  const args = ['diff', 'rules', 'edited', '--output', 'markdown'];
  const { stdout } = await runInProcess(args, { cwd });
  t.match(stdout, /^### Routing differences\n\n/);
  t.match(stdout, '| destination | `reviews.default:9080 v1 80 %, reviews.default:9080 v3 20 %` |');
  t.match(stdout, 'Example: `GET http://reviews.default.svc.cluster.local:9080/`');
});

t.test('what is ignored does not count', async (t) => {
  const ignored = ['--ignore', 'host=reviews*,field=destination'];
  const { code, stdout } = await runInProcess(['diff', rules, edited, ...ignored]);
  t.equal(code, 0);
  t.equal(stdout, 'No request is treated differently.\n');
});

t.test('what it cannot look into is no proof that nothing differs', async (t) => {
  const host = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a}
spec:
  hosts: [a.test]
  http:
    - match: [{uri: {regex: '/a\\b/x'}}]
      directResponse: {status: 200}
`;
  writeFileSync(join(cwd, 'a.yaml'), host);
  writeFileSync(join(cwd, 'b.yaml'), host.replace('/a', '/b'));
  const { code, stdout } = await runInProcess(['diff', 'a.yaml', 'b.yaml'], { cwd });
  t.equal(code, 1, stdout);
  t.match(stdout, /\nNo difference was found; see the notes\.\n$/);
});

t.test('revisions of git', async (t) => {
  const git = (...args: string[]) => {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    execFileSync('git', [...identity, ...args], { cwd, stdio: 'ignore' });
  };
  git('init');
  git('add', 'rules');
  git('commit', '-m', 'rules');
  const file = await runInProcess(
    ['diff', 'git:HEAD:rules/reviews.yaml', 'edited/reviews.yaml', '-f', 'rules/services.yaml'],
    { cwd },
  );
  t.equal(file.code, 1, file.stderr);
  t.match(file.stdout, '+ reviews.default:9080 v1 60 %', 'a file, with services from elsewhere');
  const unknown = await runInProcess(['diff', 'git:nothing:rules', 'rules'], { cwd });
  t.equal(unknown.code, 2);
  t.match(unknown.stderr, /^sluice: git knows no revision "nothing" here: .*\n$/);
});

t.test('a running proxy', async (t) => {
  const args = ['-f', rules, '--outbound', '127.0.0.1:0', '--no-watch', '--access-log', 'off'];
  const proxy = await SluiceProcess.start(args);
  t.teardown(() => proxy.stop());
  const running = `127.0.0.1:${proxy.adminPort}`;
  const ignored = ['--ignore', 'kind=telemetry'];
  const same = await runInProcess(['diff', running, rules, ...ignored]);
  t.equal(same.code, 0, same.stdout + same.stderr);
});

t.test('what belongs to both sides comes from standard input', async (t) => {
  const stdin = readFileSync(join(rules, 'services.yaml'), 'utf8');
  const args = ['diff', 'rules/reviews.yaml', 'edited/reviews.yaml', '-f'];
  const fromInput = await runInProcess([...args, '-'], { cwd, stdin });
  const fromFile = await runInProcess([...args, 'rules/services.yaml'], { cwd });
  t.equal(fromInput.code, 1, fromInput.stderr);
  t.equal(fromInput.stdout, fromFile.stdout);
});

t.test('what cannot be read', async (t) => {
  const missing = await runInProcess(['diff', 'nowhere', 'rules'], { cwd });
  t.equal(missing.code, 2, 'unlike a difference');
  t.match(missing.stderr, /^sluice: nowhere: cannot read: there is no such file or folder\n$/);
  const silent = await runInProcess(['diff', '127.0.0.1:1', 'rules'], { cwd });
  t.equal(silent.code, 2);
  t.match(silent.stderr, /^sluice: .*127\.0\.0\.1:1.*\n$/);
});

t.test('wrong usage', async (t) => {
  const table: readonly (readonly [readonly string[], RegExp])[] = [
    [['rules'], /missing required argument 'new'/],
    [['-', '-'], /"-" is given more than once/],
    [['-', 'rules', '-f', '-'], /"-" is given more than once/],
    [['rules', 'edited', '--ignore', 'hots=a'], /--ignore: "hots=a" is no rule: write KEY=PATTERN/],
  ];
  for (const [args, message] of table) {
    const { code, stderr } = await runInProcess(['diff', ...args], { cwd });
    t.equal(code, 2, args.join(' '));
    t.match(stderr, message);
  }
});
