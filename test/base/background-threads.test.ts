/** The niceness of this process's own threads, as the system has it. */

import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import t from 'tap';
import { lowerBackgroundThreads } from '../../src/base/background-threads.ts';
import { tempFolder } from '../support/temp-folder.ts';

const folder = '/proc/self/task';
const skip = process.platform === 'linux' ? false : 'only Linux has a niceness for each thread';

function threadsOfThis(): { name: string; niceness: number }[] {
  return readdirSync(folder).map((id) => ({
    name: readFileSync(`${folder}/${id}/comm`, 'latin1').trim(),
    niceness: getPriority(Number(id)),
  }));
}

t.test('on one core, threads of V8 are behind the one that serves', { skip }, async (t) => {
  const before = getPriority();
  lowerBackgroundThreads(2);
  for (const { name, niceness } of threadsOfThis()) t.equal(niceness, before, name);
  lowerBackgroundThreads(1);
  lowerBackgroundThreads(1);
  t.equal(getPriority(), before);
  const threads = threadsOfThis();
  const workers = threads.filter(({ name }) => name.includes('V8Worker'));
  t.ok(workers.length > 0, `among ${threads.map(({ name }) => name)}`);
  for (const { name, niceness } of workers) t.equal(niceness, Math.min(before + 10, 19), name);
  for (const { name, niceness } of threads.filter((thread) => !workers.includes(thread))) {
    t.equal(niceness, before, name);
  }
});

t.test('nothing happens where threads are not to be found, or are gone', async (t) => {
  lowerBackgroundThreads(1, '/nowhere');
  // No process has this number: Linux has fewer.
  const gone = tempFolder({ '999999999/comm': 'node-V8Worker\n' });
  t.teardown(() => gone.remove());
  lowerBackgroundThreads(1, gone.path);
  t.pass('no error');
});

t.test('a thread that ends meanwhile leaves the others', { skip }, async (t) => {
  const thread = readdirSync(folder).find((id) => Number(id) !== process.pid) ?? '';
  const ended = '1';
  const names = tempFolder({
    [ended]: 'no folder any more',
    [`${thread}/comm`]: 'node-V8Worker\n',
  });
  t.teardown(() => names.remove());
  const before = getPriority(Number(thread));
  lowerBackgroundThreads(1, names.path);
  t.equal(getPriority(Number(thread)), Math.max(before, Math.min(getPriority() + 10, 19)));
});
