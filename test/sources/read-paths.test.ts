import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type ReadLimits, type ReadResult, readPaths } from '../../src/sources/read-paths.ts';
import { tempFolder } from '../support/temp-folder.ts';

const limits: ReadLimits = { files: 100, folders: 100, bytes: 1000 };

const noInput = (): Promise<Uint8Array> => Promise.reject(new Error('nothing asks for it'));

function read(path: string, changed: Partial<ReadLimits>): Promise<ReadResult> {
  const input = { paths: [path], standardInput: noInput, limits: { ...limits, ...changed } };
  return readPaths(input);
}

t.test('a limit of all files together is told once, and nothing is read beyond it', async (t) => {
  const folder = tempFolder({ 'a/a/a.yaml': 'abc', 'a/b/b.yaml': 'abc', 'b/c.yaml': 'abc' });
  t.teardown(() => folder.remove());
  const table = [
    [{}, 3, []],
    [{ files: 3 }, 3, []],
    [{ files: 2 }, 2, [['b/c.yaml', 'more than 2 files, no more are read']]],
    [{ files: 1 }, 1, [['a/b/b.yaml', 'more than 1 files, no more are read']]],
    [{ folders: 5 }, 3, []],
    [{ folders: 3 }, 1, [['a/b', 'more than 3 folders, no more are read']]],
    [{ bytes: 9 }, 3, []],
    [{ bytes: 8 }, 2, [['b/c.yaml', 'more than 8 bytes, no more are read']]],
  ] as const;
  for (const [changed, count, expected] of table) {
    const { files, findings } = await read(folder.path, changed);
    const told = findings.map(({ code, file, message }) => [code, file, message]);
    const rows = expected.map(([name, message]) => ['SLC0003', join(folder.path, name), message]);
    t.strictSame(told, rows, JSON.stringify(changed));
    t.equal(files.length, count, JSON.stringify(changed));
  }
});

t.test('a pipe in a folder is told, and nobody waits for what writes into it', async (t) => {
  const folder = tempFolder({ 'a.yaml': 'abc', 'z.yaml': 'abc' });
  t.teardown(() => folder.remove());
  const pipe = join(folder.path, 'm.yaml');
  execFileSync('mkfifo', [pipe]);
  symlinkSync(pipe, join(folder.path, 'n.yaml'));
  const { files, findings } = await read(folder.path, {});
  t.same(
    files.map(({ path }) => path),
    [join(folder.path, 'a.yaml'), join(folder.path, 'z.yaml')],
  );
  t.match(findings, [{ file: pipe, message: 'cannot read: a pipe or device', code: 'SLC0001' }]);
  t.equal(findings.length, 1, 'which has two names');
});

t.test('the digest follows content and names', async (t) => {
  const folder = tempFolder({ 'a.yaml': 'a' });
  t.teardown(() => folder.remove());
  const digests = new Set<string>();
  const look = async (): Promise<void> => {
    digests.add((await read(folder.path, {})).digest);
  };
  await look();
  await look();
  t.equal(digests.size, 1);
  folder.write('a.yaml', 'b');
  await look();
  folder.write('b.yaml', '');
  await look();
  folder.write('c.txt', 'c');
  await look();
  t.equal(digests.size, 3);
});
