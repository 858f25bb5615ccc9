import { execFileSync } from 'node:child_process';
import t from 'tap';
import { childEnvironment } from '../support/child-environment.ts';

t.test('a process that a test starts has nothing of the test runner', async (t) => {
  const program = 'JSON.stringify([process.env.NODE_OPTIONS, process.execArgv])';
  const env = childEnvironment();
  const printed = execFileSync(process.execPath, ['-p', program], { env, encoding: 'utf8' });
  t.strictSame(JSON.parse(printed), ['', ['-p', program]]);
});

t.test('options that are asked for stay', async (t) => {
  const env = childEnvironment({ NODE_OPTIONS: '--no-warnings' });
  const args = ['-p', 'process.env.NODE_OPTIONS'];
  const printed = execFileSync(process.execPath, args, { env, encoding: 'utf8' });
  t.equal(printed, '--no-warnings\n');
});
