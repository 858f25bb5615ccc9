/** The published JSON Schemas accept every configuration that loads without an error. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { editorSchema } from '../support/editor-schema.ts';
import { loadResources } from '../support/load-resources.ts';
import { dataSet, missingData } from '../support/test-data.ts';

for (const name of ['user-configs', 'istio-valid-configs', 'istio-samples']) {
  const folder = dataSet(name);
  const skip = folder === null ? missingData(name) : false;
  t.test(name, { skip }, async (t) => {
    const check = editorSchema();
    const files = readdirSync(folder ?? '', { recursive: true, encoding: 'utf8' });
    let documents = 0;
    for (const file of files.filter((path) => path.endsWith('.yaml')).sort()) {
      const text = readFileSync(join(folder ?? '', file), 'utf8');
      const { findings } = loadResources([{ path: file, text }]);
      if (findings.some(({ severity }) => severity === 'error')) continue;
      for (const document of parseAllDocuments(text)) {
        const value = document.toJS();
        if (value === null) continue;
        documents += 1;
        t.strictSame(check(value), [], file);
      }
    }
    t.ok(documents > 10, `${documents} documents`);
  });
}
