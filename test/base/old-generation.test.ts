import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { heapLimitBytes, nodeFlags, oldGenerationBytes } from '../../src/base/old-generation.ts';

const mebibyte = 1024 * 1024;

const cases: readonly (readonly [what: string, whole: number, flags: string[], old: number])[] = [
  ['nothing is said: V8 gives the young one a part', 4192, [], 4096],
  ['the old one has its size', 136, ['--max-old-space-size=40'], 40],
  ['in the other spelling', 136, ['--max_old_space_size=40'], 40],
  ['the last one counts', 136, ['--max-old-space-size=99', '--max-old-space-size=40'], 40],
  ['the young one has its size', 4120, ['--max-semi-space-size=8'], 4096],
  ['other flags say nothing', 4192, ['--max-old-space-size', '--inspect'], 4096],
  ['0 is no size', 4192, ['--max-old-space-size=0'], 4096],
];
for (const [what, whole, flags, old] of cases) {
  t.test(what, async (t) => {
    t.equal(Math.round(heapLimitBytes(whole * mebibyte, flags) / mebibyte), old);
  });
}

t.test('flags of this process and of its environment are known', async (t) => {
  const module = join(import.meta.dirname, '../../src/base/old-generation.ts');
  const script = `import(${JSON.stringify(module)}).then((m) => console.log(m.nodeFlags().join()))`;
  const env = { ...process.env, NODE_OPTIONS: '"--max-old-space-size=99"' };
  const args = ['--max-old-space-size=40', '-e', script];
  const output = execFileSync(process.execPath, args, { env, encoding: 'utf8' });
  t.match(output, /^--max-old-space-size=99,.*--max-old-space-size=40/);
  t.ok(Array.isArray(nodeFlags()));
});

t.test('what lives long counts', async (t) => {
  const before = oldGenerationBytes();
  const held = Array.from({ length: 100 }, (_, index) => new Array(128 * 1024).fill(index));
  t.ok(oldGenerationBytes() - before > 50 * mebibyte, 'most of 100 MiB are old');
  t.equal(held.length, 100);
});
