import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { root } from './source-tree.ts';

// config/observability has none itself: test/e2e/prometheus.test.ts runs it.
const examples = globSync('config/*/bootstrap.yaml', { cwd: root }).map(dirname).sort();

for (const example of examples) {
  t.test(`${example} loads without a warning and has a README`, async (t) => {
    const analyze = spawnSync(process.execPath, ['src/main.ts', 'analyze', '-f', example], {
      cwd: root,
      // The runner's own hooks are not for this process.
      env: { ...process.env, NODE_OPTIONS: '' },
      encoding: 'utf8',
    });
    t.equal(analyze.status, 0, analyze.stderr);
    // A prefix may also match longer words, as in the originals: that is worth a remark.
    t.notMatch(analyze.stdout, /^\S+ (warning|error) /m);
    t.ok(existsSync(join(root, example, 'README.md')));
  });
}
