/** V8 ignores flags that it does not know, so that a new version may leave a setting without effect. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const sources = ['heap-flags', 'young-generation'].map((name) =>
  readFileSync(join(import.meta.dirname, `../../src/base/${name}.ts`), 'utf8'),
);

t.test('V8 knows every flag that is set', async (t) => {
  const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
  const flags = [...sources.join('').matchAll(/setFlagsFromString\(.--(?:no-)?([a-z-]+)/g)];
  t.ok(flags.length >= 8);
  for (const [, flag = ''] of flags) t.match(known, new RegExp(`^ +--${flag} \\(`, 'm'), flag);
});
