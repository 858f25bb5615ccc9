import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { FileSource } from '../../src/sources/file.ts';
import { eventually } from '../support/deadline.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';

function folderFor(test: { teardown(callback: () => void): void }, files = {}): TempFolder {
  const folder = tempFolder(files);
  test.teardown(() => folder.remove());
  return folder;
}

t.test('a folder is read with all below it, in order, without hidden files', async (t) => {
  const folder = folderFor(t, {
    'b.yaml': 'b',
    'a/z.yml': 'z',
    'a/x.json': 'x',
    'notes.txt': 'no',
    '.hidden.yaml': 'no',
    '.git/a.yaml': 'no',
    'node_modules/a.yaml': 'no',
  });
  const { files, findings } = await new FileSource([folder.path]).read();
  const names = ['a/x.json', 'a/z.yml', 'b.yaml'].map((name) => join(folder.path, name));
  t.strictSame(
    files.map(({ path }) => path),
    names,
  );
  t.strictSame(findings, []);
});

t.test('named files have any extension, and nothing is read twice', async (t) => {
  const folder = folderFor(t, { 'rules.conf': 'a', 'b.yaml': 'b' });
  symlinkSync(folder.path, join(folder.path, 'loop'));
  const file = join(folder.path, 'rules.conf');
  const { files } = await new FileSource([file, folder.path, `${folder.path}/./rules.conf`]).read();
  t.strictSame(
    files.map(({ text }) => text),
    ['a', 'b'],
  );
});

t.test('paths may overlap', async (t) => {
  const folder = folderFor(t, { 'rules/b.yaml': 'b', 'empty/note.txt': 'no' });
  const [rules, file] = [join(folder.path, 'rules'), join(folder.path, 'rules/b.yaml')];
  for (const paths of [
    [file, rules],
    [rules, file],
    [rules, rules],
    [rules, folder.path],
  ]) {
    const { files, findings } = await new FileSource(paths).read();
    t.strictSame(
      files.map(({ text }) => text),
      ['b'],
    );
    t.strictSame(findings, []);
  }
  const empty = join(folder.path, 'empty');
  const { findings } = await new FileSource([empty, rules, empty]).read();
  t.match(findings, [{ code: 'SLC0004', file: empty }]);
});

t.test('standard input is read once', async (t) => {
  const source = new FileSource(['-'], { stdin: Readable.from([Buffer.from('a: '), 'ü']) });
  const expected = [{ path: '-', text: 'a: ü' }];
  t.strictSame((await source.read()).files, expected);
  t.strictSame((await source.read()).files, expected);
});

t.test('standard input without an end is read up to the size of a file', async (t) => {
  const chunk = Buffer.alloc(1024 * 1024, '#');
  let chunks = 0;
  const stdin = new Readable({
    read() {
      chunks += 1;
      this.push(chunk);
    },
  });
  const { files, findings } = await new FileSource(['-'], { stdin }).read();
  t.strictSame(files, []);
  t.match(findings, [{ code: 'SLC0003', file: '-', message: 'the file is larger than 16 MiB' }]);
  t.ok(chunks < 32, `${chunks} MiB were read`);
});

t.test('what cannot be read is a finding', async (t) => {
  const folder = folderFor(t, { 'ok.yaml': 'a' });
  const latin1 = join(folder.path, 'latin1.yaml');
  writeFileSync(latin1, Buffer.from([0x61, 0x3a, 0x20, 0xfc]));
  const large = folder.write('large.yaml', '#'.repeat(16 * 1024 * 1024 + 1));
  const empty = join(folder.path, 'empty');
  mkdirSync(empty);
  const missing = join(folder.path, 'missing');
  const { files, findings } = await new FileSource([folder.path, empty, missing]).read();
  t.equal(files.length, 1);
  t.match(findings, [
    { code: 'SLC0003', file: large },
    { code: 'SLC0002', file: latin1 },
    { code: 'SLC0004', file: empty, severity: 'warning' },
    { code: 'SLC0001', file: missing, message: /no such file/ },
  ]);
});

t.test(
  'a file without permission is a finding',
  { skip: process.getuid?.() === 0 && 'root may read all' },
  async (t) => {
    const folder = folderFor(t, { 'a.yaml': 'a' });
    chmodSync(join(folder.path, 'a.yaml'), 0);
    t.match((await new FileSource([folder.path]).read()).findings, [{ message: /no permission/ }]);
  },
);

/** A source that is being watched, and how often it has told of a change. */
async function watched(test: Test, paths: readonly string[]) {
  const source = new FileSource(paths, { debounceMs: 10 });
  test.teardown(() => source.close());
  await source.read();
  let changes = 0;
  const onChange = (): void => {
    changes += 1;
  };
  source.watch(onChange, (folder, code) => test.fail(`${folder}: ${code}`));
  return {
    source,
    /** Waits for a change, and reads what there is then. */
    async changed(what: string): Promise<string[]> {
      await eventually(what, { within: 5000 }, () => changes > 0);
      changes = 0;
      return (await source.read()).files.map(({ text }) => text);
    },
    count: () => changes,
  };
}

t.test('a file that is emptied waits for its new text', async (t) => {
  const folder = folderFor(t, { 'a.yaml': '1', 'b.yaml': '1' });
  const timers = new ManualTimers(new ManualClock());
  const source = new FileSource([folder.path], { timers });
  t.teardown(() => source.close());
  await source.read();
  let changes = 0;
  source.watch(
    () => {
      changes += 1;
    },
    (name, code) => t.fail(`${name}: ${code}`),
  );
  const texts = async () => (await source.read()).files.map(({ text }) => text);
  /** Lets quiet time pass until what has been noticed is as it should be. */
  const until = (what: string, isSo: () => boolean) =>
    eventually(what, { within: 5000 }, () => {
      if (isSo()) return true;
      timers.advance(20);
      return false;
    });
  const isWaiting = () => timers.size === 1;
  await until('the first look', () => timers.size === 0);
  folder.write('a.yaml', '');
  await until('an empty file', isWaiting);
  t.equal(changes, 0);
  folder.write('a.yaml', '2');
  await until('its text', () => changes === 1);
  t.strictSame(await texts(), ['2', '1']);
  // The system may tell of one write twice.
  await until('nothing is waited for any more', () => timers.size === 0);
  folder.write('b.yaml', '');
  await until('another empty file', isWaiting);
  t.equal(changes, 1);
  timers.advance(1000);
  await until('it stays empty', () => changes === 2);
  t.strictSame(await texts(), ['2', '']);
});

t.test('changes of a folder are told', async (t) => {
  const folder = folderFor(t, { 'a.yaml': '1' });
  const { changed } = await watched(t, [folder.path]);
  folder.write('a.yaml', '2');
  t.strictSame(await changed('a written file'), ['2']);
  folder.write('new.tmp', '3');
  renameSync(join(folder.path, 'new.tmp'), join(folder.path, 'a.yaml'));
  t.strictSame(await changed('a replaced file'), ['3']);
  folder.write('sub/b.yaml', '4');
  await eventually(
    'a new folder',
    { within: 5000 },
    async () => (await changed('new')).length === 2,
  );
  folder.write('sub/b.yaml', '5');
  t.strictSame(await changed('a file in the new folder'), ['3', '5']);
  unlinkSync(join(folder.path, 'a.yaml'));
  t.strictSame(await changed('a removed file'), ['5']);
});

t.test('a watched folder may vanish and return', async (t) => {
  const folder = folderFor(t, { 'rules/a.yaml': '1' });
  const rules = join(folder.path, 'rules');
  const { changed } = await watched(t, [rules]);
  rmSync(rules, { recursive: true });
  t.strictSame(await changed('the folder is gone'), []);
  folder.write('rules/a.yaml', '2');
  t.strictSame(await changed('the folder is back'), ['2']);
  folder.write('rules/a.yaml', '3');
  t.strictSame(await changed('a change in the new folder'), ['3']);
});

t.test('a ConfigMap is swapped by its symbolic link', async (t) => {
  const folder = folderFor(t, { '..v1/a.yaml': '1', '..v2/a.yaml': '2' });
  const at = (name: string) => join(folder.path, name);
  symlinkSync('..v1', at('..data'));
  symlinkSync('..data/a.yaml', at('a.yaml'));
  for (const path of [folder.path, at('a.yaml')]) {
    const { changed, source } = await watched(t, [path]);
    const next = (await source.read()).files[0]?.text === '1' ? '2' : '1';
    symlinkSync(`..v${next}`, at('..data_tmp'));
    renameSync(at('..data_tmp'), at('..data'));
    t.strictSame(await changed('the link is swapped'), [next]);
    source.close();
  }
});

t.test('a single file that editors replace', async (t) => {
  const folder = folderFor(t, { 'a.yaml': '1' });
  const file = join(folder.path, 'a.yaml');
  const { changed } = await watched(t, [file]);
  for (const text of ['2', '3']) {
    renameSync(file, `${file}~`);
    writeFileSync(file, text);
    await eventually(text, { within: 5000 }, async () => (await changed(text))[0] === text);
  }
});

t.test('events without a change are dropped, and nothing is told after close', async (t) => {
  const folder = folderFor(t, { 'a.yaml': '1' });
  const { changed, count, source } = await watched(t, [folder.path]);
  folder.write('a.yaml', '1');
  folder.write('unrelated.txt', 'x');
  folder.write('b.yaml', '2');
  t.strictSame(await changed('only the new file'), ['1', '2']);
  source.close();
  folder.write('b.yaml', '3');
  const other = await watched(t, [folder.path]);
  folder.write('b.yaml', '4');
  await other.changed('another source sees it');
  t.equal(count(), 0);
});
