/** The commands of config/ci/ run in a repository as they stand, but for how sluice is found. */

import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { prepareChildEnvironment } from '../support/child-environment.ts';
import { sluiceMain } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = join(import.meta.dirname, '../..');
const examples = join(root, 'config/ci');

function read(name: string): unknown {
  return parse(readFileSync(join(examples, name), 'utf8'));
}

interface Workflow {
  readonly on: { readonly pull_request: unknown };
  readonly jobs: { readonly routing: { readonly steps: readonly Step[] } };
}

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
}

interface PreCommit {
  readonly repos: readonly { readonly repo: string; readonly hooks: readonly Hook[] }[];
}

interface Hook {
  readonly id: string;
  readonly name: string;
  readonly entry: string;
  readonly language: string;
  readonly files: string;
}

const routingTest = `testCases:
  - description: most requests go to the first version
    wantMatch: true
    request:
      authority: [shop.example.com]
      method: [GET]
      uri: [/]
    route:
      - destination: {host: shop, subset: v1}
        weight: 90
      - destination: {host: shop, subset: v2}
        weight: 10
`;

/** A repository with rules and tests; the weights differ from those of its only commit. */
function repository() {
  const folder = tempFolder({
    'tests/shop.yaml': routingTest,
    'bin/npx': `#!/bin/sh\nshift 3\nexec "${process.execPath}" "${sluiceMain}" "$@"\n`,
  });
  chmodSync(join(folder.path, 'bin/npx'), 0o755);
  for (const name of ['rules.yaml', 'services.yaml']) {
    cpSync(join(root, 'config/canary', name), join(folder.path, 'rules', name));
  }
  cpSync(join(examples, 'Makefile'), join(folder.path, 'Makefile'));
  const env = prepareChildEnvironment({
    PATH: `${join(folder.path, 'bin')}:${process.env.PATH}`,
    BASE: 'HEAD',
    GITHUB_STEP_SUMMARY: join(folder.path, 'summary.md'),
  });
  const run = (command: string) => {
    const options = { cwd: folder.path, env, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync('bash', ['-ec', command], options);
    return { status, output: `${stdout}${stderr}` };
  };
  run('git init -q -b main . && git add rules tests');
  run('git -c user.name=a -c user.email=a@example.com commit -q -m rules');
  const rules = readFileSync(join(folder.path, 'rules/rules.yaml'), 'utf8');
  return { ...folder, run, rules };
}

const { steps } = (read('github-actions.yaml') as Workflow).jobs.routing;
const { repos } = read('pre-commit-config.yaml') as PreCommit;
const hooks = repos.flatMap((repo) => repo.hooks);

t.setTimeout(120_000);

t.test('every file has the form that its reader asks for', async (t) => {
  t.ok((read('github-actions.yaml') as Workflow).on.pull_request);
  for (const step of steps) t.equal((step.uses === undefined) !== (step.run === undefined), true);
  t.strictSame(
    repos.map(({ repo }) => repo),
    ['local'],
  );
  for (const hook of hooks) {
    t.equal(hook.language, 'system', hook.id);
    t.ok(new RegExp(hook.files).test('rules/a/b.yaml'), `${hook.id} looks at rules`);
    t.match(hook.entry, hook.name.split(' ').at(-1), hook.id);
  }
});

t.test('a change of weights passes analyze, fails its test, and is told by diff', async (t) => {
  const folder = repository();
  t.teardown(() => folder.remove());
  const ofWorkflow = steps.filter(({ run = '' }) => run.includes('sluice '));
  const commands: readonly (readonly [name: string, command: string])[] = [
    ...ofWorkflow.map(({ name = '', run = '' }) => [name, run] as const),
    ...hooks.map(({ id, entry }) => [id, entry] as const),
    ...['analyze', 'test', 'diff'].map((name) => [`make ${name}`, `make -s ${name}`] as const),
  ];
  t.equal(commands.length, 9);
  for (const [name, command] of commands.filter(([name]) => !/diff/i.test(name))) {
    const { status, output } = folder.run(command);
    t.equal(status, 0, name, { output });
  }
  const changed = folder.rules.replace('weight: 90', 'weight: 50').replace(': 10', ': 50');
  folder.write('rules/rules.yaml', changed);
  for (const [name, command] of commands.filter(([name]) => /diff|make test/i.test(name))) {
    const { status, output } = folder.run(command);
    // make has an exit code of its own for commands that fail.
    t.equal(status, name === 'make test' ? 2 : 0, name, { output });
    if (/diff/i.test(name) && name !== 'Diff') t.match(output, /90/, name);
  }
  t.match(readFileSync(join(folder.path, 'summary.md'), 'utf8'), /90/);
});

t.test('rules that diff cannot read are a failure', async (t) => {
  const folder = repository();
  t.teardown(() => folder.remove());
  folder.run('git mv rules elsewhere');
  const diffs = [
    ...steps.filter(({ name }) => name === 'Diff').map(({ run = '' }) => run),
    ...hooks.filter(({ id }) => id === 'sluice-diff').map(({ entry }) => entry),
    'make -s diff',
  ];
  t.equal(diffs.length, 3);
  for (const command of diffs) t.not(folder.run(command).status, 0, command);
});
