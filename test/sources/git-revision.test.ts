import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseGitPlace, readGitRevision } from '../../src/sources/git-revision.ts';
import { tempFolder } from '../support/temp-folder.ts';

const folder = tempFolder({
  'rules/a.yaml': 'a: ü\n',
  'rules/deep/b.json': '{}',
  'rules/deep/notes.txt': 'no rules',
  'rules/.hidden/c.yaml': 'c: 1\n',
  'rules/empty.yml': '',
  plain: 'd: 1\n',
});
t.teardown(() => folder.remove());
symlinkSync('a.yaml', join(folder.path, 'rules/link.yaml'));

const git = (...args: string[]) => {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  execFileSync('git', [...identity, ...args], { cwd: folder.path, stdio: 'ignore' });
};
git('init');
git('add', '.');
git('commit', '-m', 'first');
rmSync(join(folder.path, 'rules'), { recursive: true });

function read(revision: string, path: string, from = folder.path) {
  return readGitRevision({ revision, path }, from);
}

t.test('git:REVISION:PATH', async (t) => {
  t.same(parseGitPlace('git:main:rules/a.yaml'), { revision: 'main', path: 'rules/a.yaml' });
  t.same(parseGitPlace('git:HEAD~1:.'), { revision: 'HEAD~1', path: '.' });
  for (const other of ['rules', 'git:main', 'git::rules', 'git:main:']) {
    t.equal(parseGitPlace(other), null, other);
  }
});

t.test('a folder has its files of rules, as they were', async (t) => {
  t.same(await read('HEAD', 'rules'), {
    ok: true,
    value: [
      { path: 'rules/a.yaml', text: 'a: ü\n' },
      { path: 'rules/deep/b.json', text: '{}' },
      { path: 'rules/empty.yml', text: '' },
    ],
  });
  t.match(await read('HEAD', './rules/deep'), { value: [{ path: 'rules/deep/b.json' }] });
});

t.test('a file is named whatever its ending', async (t) => {
  t.same(await read('HEAD', 'plain'), { ok: true, value: [{ path: 'plain', text: 'd: 1\n' }] });
});

t.test('what is not there', async (t) => {
  const none = { error: 'no .yaml, .yml or .json file in nowhere at revision "HEAD"' };
  t.match(await read('HEAD', 'nowhere'), none);
  t.match(await read('nothing', 'rules'), { error: /^git knows no revision "nothing" here: / });
  t.match(await read('--help', 'rules'), { ok: false });
  t.match(await read('HEAD', 'rules', '/'), { error: /not a git repository/i });
});
