/** Valid configurations of Istio load without an error, each file by itself. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadResources } from '../support/load-resources.ts';
import { dataSet, missingData } from '../support/test-data.ts';

for (const name of ['istio-valid-configs', 'istio-samples']) {
  const folder = dataSet(name);
  const skip = folder === null ? missingData(name) : false;
  t.test(name, { skip }, async (t) => {
    const files = readdirSync(folder ?? '', { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((path) => path.endsWith('.yaml')).sort()) {
      const text = readFileSync(join(folder ?? '', file), 'utf8');
      const { findings } = loadResources([{ path: file, text }]);
      const errors = findings.filter((finding) => finding.severity === 'error');
      t.strictSame(errors, [], file);
    }
  });
}
