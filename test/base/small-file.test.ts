import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, truncateSync } from 'node:fs';
import t from 'tap';
import { readSmallFile } from '../../src/base/small-file.ts';
import { tempFolder } from '../support/temp-folder.ts';

t.test('files are read whole, up to a size', async (t) => {
  const folder = tempFolder({ empty: '', 'a.txt': 'hello', large: '' });
  t.teardown(() => folder.remove());
  const at = (name: string) => `${folder.path}/${name}`;
  chmodSync(at('a.txt'), 0o640);
  truncateSync(at('large'), 1e12);
  const rows = [
    ['a.txt', 5, 'hello'],
    ['a.txt', 4, 'too-large'],
    ['empty', 0, ''],
    ['large', 1_000, 'too-large'],
    ['gone', 5, 'ENOENT'],
    ['a.txt/b', 5, 'ENOTDIR'],
    ['.', 5, 'EISDIR'],
  ] as const;
  for (const [name, maxBytes, expected] of rows) {
    const read = await readSmallFile(at(name), maxBytes);
    t.equal(read.ok ? read.value.bytes.toString() : read.error.code, expected, name);
  }
  t.match(await readSmallFile(at('a.txt'), 5), { value: { mode: 0o100640 } });
  appendFileSync(at('a.txt'), '!');
  t.match(await readSmallFile(at('a.txt'), 5), { error: { message: 'it is too large' } });
});

t.test('devices and pipes are not waited for', async (t) => {
  const folder = tempFolder();
  t.teardown(() => folder.remove());
  execFileSync('mkfifo', [`${folder.path}/pipe`]);
  for (const path of ['/dev/zero', `${folder.path}/pipe`]) {
    t.match(await readSmallFile(path, 5), {
      error: { code: 'no-file', message: 'it is a device or a pipe' },
    });
  }
});
