import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from './source-tree.ts';

const examples = readdirSync(join(root, 'config'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `config/${entry.name}`);

for (const example of examples) {
  t.test(`${example} loads without a finding and has a README`, async (t) => {
    const analyze = spawnSync(process.execPath, ['src/main.ts', 'analyze', '-f', example], {
      cwd: root,
      // The runner's own hooks are not for this process.
      env: { ...process.env, NODE_OPTIONS: '' },
      encoding: 'utf8',
    });
    t.equal(analyze.status, 0, analyze.stderr);
    t.equal(analyze.stdout.trim(), 'no findings');
    t.ok(existsSync(join(root, example, 'README.md')));
  });
}
