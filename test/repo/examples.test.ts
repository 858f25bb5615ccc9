import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import type { Finding } from '../../src/config/finding.ts';
import { checkSecretFiles } from '../../src/runtime/check-secret-files.ts';
import { ConfigStore } from '../../src/runtime/config-store.ts';
import { FileSource } from '../../src/sources/file.ts';
import { root } from './source-tree.ts';

// config/observability has none itself: test/e2e/prometheus.test.ts runs it.
const examples = globSync('config/*/bootstrap.yaml', { cwd: root }).map(dirname).sort();

/** What `sluice analyze` finds. */
async function analyze(folder: string): Promise<Finding[]> {
  const { files, findings } = await new FileSource([join(root, folder)]).read();
  const store = new ConfigStore({}, 0);
  const checked = store.load(files, findings);
  const ofFiles = checked.loaded === null ? [] : await checkSecretFiles(checked.loaded);
  return store.analyze([...findings, ...checked.findings, ...ofFiles]);
}

for (const example of examples) {
  t.test(`${example} loads without a warning and has a README`, async (t) => {
    const findings = await analyze(example);
    // A prefix may also match longer words, as in the originals: that is worth a remark.
    t.same(
      findings.filter(({ severity }) => severity !== 'info'),
      [],
    );
    t.ok(existsSync(join(root, example, 'README.md')));
  });
}
