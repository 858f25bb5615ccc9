import { join } from 'node:path';
import t from 'tap';
import { loadtest as loadtestHere } from '../../../src/cli/loadtest/loadtest-run.ts';
import { runCommand } from '../../support/sluice-process.ts';

// What it does with a scenario is in loadtest-run.test.ts.

const root = join(import.meta.dirname, '../../..');
const scenario = 'config/loadtests/canary.yaml';

async function loadtest(...args: readonly string[]) {
  return runCommand(['loadtest', ...args], { cwd: root });
}

t.test('reports that cannot be written are told of before the load', async (t) => {
  const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['--json', 'no/such/folder/a.json'], /cannot write no\/such\/folder\/a.json: ENOENT/],
    [['--html', 'config'], /cannot write config: it is a folder/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await loadtest(scenario, '--short', ...args);
    t.equal(code, 1);
    t.match(stderr, message);
  }
});

t.test('wrong usage is said, and nothing is started', async (t) => {
  const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [[], /missing required argument/],
    [
      [scenario, '--seed', 'x'],
      /--seed: "x" is no seed: write a whole number from 0 to 4294967295/,
    ],
    [[scenario, '--json', '-', '--junit', '-'], /cannot both go to standard output/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await loadtest(...args);
    t.equal(code, 2);
    t.match(stderr, message);
  }
});

t.test('Ctrl-C before the load starts nothing, and is said', async (t) => {
  const lines: unknown[] = [];
  const write = process.stderr.write;
  t.teardown(() => Object.assign(process.stderr, { write }));
  Object.assign(process.stderr, { write: (line: unknown) => lines.push(line) > 0 });
  const code = await loadtestHere(join(root, scenario), { short: true }, AbortSignal.abort());
  t.equal(code, 1);
  t.strictSame(lines, ['sluice: interrupted before the load\n']);
});
