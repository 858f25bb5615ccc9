import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { root } from './source-tree.ts';

function run(command: string, ...args: string[]): { status: number | null; output: string } {
  const program = join(root, 'node_modules/.bin', command);
  // The runner puts hooks of its own into NODE_OPTIONS of every child; these programs go without.
  const clean = ['NODE_OPTIONS=', 'NO_COLOR=1', program, ...args];
  const result = spawnSync('/usr/bin/env', clean, { cwd: root, encoding: 'utf8' });
  return { status: result.status, output: `${result.stdout}${result.stderr}` };
}

t.test('the tree is formatted and passes the linter', async (t) => {
  const lint = run('biome', 'ci', '--colors=off', '--vcs-enabled=false', 'src', 'test', 'bench');
  t.equal(lint.status, 0, lint.output);
});

t.test('the tree passes the type checker', async (t) => {
  // What has not changed since the last run is not checked again.
  const state = ['--incremental', '--tsBuildInfoFile', '.tap/types.json'];
  // Each of several checkers checks anew what files have in common: one takes half the CPU of four.
  const types = run('tsc', '-p', 'tsconfig.json', ...state, '--checkers', '1');
  t.equal(types.status, 0, types.output);
});

t.test('tests run on the Node that the repository brings along', async (t) => {
  const own = run('node', '-v');
  t.equal(own.output.trim(), process.version);
});
