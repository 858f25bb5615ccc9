import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import t from 'tap';
import { prepareChildEnvironment } from '../support/child-environment.ts';

/** What the test runner hooks itself into; it comes with the runner. */
interface ProcessOnSpawn {
  addListener(listener: (options: { env: NodeJS.ProcessEnv }) => void): void;
}
const runner = createRequire(import.meta.url)('process-on-spawn') as ProcessOnSpawn;

function printedBy(program: string, env: NodeJS.ProcessEnv): string {
  return execFileSync(process.execPath, ['-p', program], { env, encoding: 'utf8' }).trim();
}

t.test('a process that a test starts has nothing of the test runner', async (t) => {
  const program = 'JSON.stringify([process.env.NODE_OPTIONS, process.execArgv])';
  // As the runner does; this file may run without one.
  runner.addListener((options) => {
    options.env = { ...options.env, NODE_OPTIONS: '--no-warnings' };
  });
  t.match(printedBy(program, process.env), '--no-warnings', 'the hook is there');
  const printed = printedBy(program, prepareChildEnvironment());
  t.strictSame(JSON.parse(printed), ['', ['-p', program]]);
});

t.test('options that are asked for stay', async (t) => {
  const env = prepareChildEnvironment({ NODE_OPTIONS: '--no-warnings' });
  t.equal(printedBy('process.env.NODE_OPTIONS', env), '--no-warnings');
});
