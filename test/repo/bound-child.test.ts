import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { prepareChildEnvironment } from '../support/child-environment.ts';
import { eventually } from '../support/deadline.ts';

// What tests start ends with them, even with one that is killed.

const helper = join(import.meta.dirname, '../support/bound-child.ts');
const program = `
  const { spawnBound } = await import(${JSON.stringify(helper)});
  console.log(spawnBound('sleep', ['600'], { stdio: 'ignore' }).pid);
  process.stdin.resume().on('end', () => process.exit());
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // There is no such process any more.
    return false;
  }
}

const onlyLinux = process.platform === 'linux' ? false : 'only Linux can do this';

for (const [how, skip, end] of [
  ['is killed', onlyLinux, (parent: ChildProcess) => parent.kill('SIGKILL')],
  ['ends by itself', false, (parent: ChildProcess) => parent.stdin?.end()],
] as const) {
  t.test(`a child ends with a parent that ${how}`, { skip }, async (t) => {
    const args = ['--input-type=module', '-e', program];
    const parent = spawn(process.execPath, args, { env: prepareChildEnvironment() });
    t.teardown(() => parent.kill('SIGKILL'));
    const [first] = await once(parent.stdout.setEncoding('utf8'), 'data');
    const pid = Number(first);
    t.ok(isAlive(pid));
    end(parent);
    await eventually('the end of the child', { within: 5_000 }, () => !isAlive(pid));
  });
}
