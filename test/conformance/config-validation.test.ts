/** Which values Istio's own validation accepts and refuses: its table, and its CRD documents. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { splitDocuments } from '../../src/config/parse/source-file.ts';
import { loadResources } from '../support/load-resources.ts';
import { dataSet, missingData } from '../support/test-data.ts';
import { accepts, partChecks } from './config-parts.ts';

const folder = dataSet('istio-validation');
const skip = folder === null ? missingData('istio-validation') : false;

/** Rows of kinds that are supported; config.md lists the rows that fail, with the reason. */
const tableFloor = 0.99;

interface Row {
  readonly kind: string;
  readonly name: string;
  readonly input: unknown;
  readonly valid: boolean;
}

t.test('the validation table', { skip }, async (t) => {
  const text = readFileSync(join(folder ?? '', 'validation-table.json'), 'utf8');
  const failures: string[] = [];
  let supported = 0;
  for (const row of JSON.parse(text) as Row[]) {
    const check = partChecks[row.kind];
    if (check === undefined) continue;
    supported += 1;
    if (accepts(check, row.input) === row.valid) continue;
    failures.push(`${row.kind}: ${row.name} (Istio ${row.valid ? 'accepts' : 'refuses'} it)`);
  }
  for (const failure of failures) t.comment(failure);
  t.comment(`validation table: ${supported - failures.length} of ${supported} rows agree`);
  t.ok(failures.length <= supported * (1 - tableFloor), `${failures.length} rows disagree`);
});

/** `[1.2.3.4, 001:db8::]`: by YAML 1.2 the last item is an object, by Go's parser a text. */
const differs = 'crd-serviceentry-valid.yaml: full';

const supportedFiles =
  /^crd-(destinationrule|serviceentry|telemetry|workloadentry)-(valid|invalid)\.yaml$/;

t.test('documents of the CRD tests', { skip }, async (t) => {
  for (const file of readdirSync(folder ?? '').filter((name) => supportedFiles.test(name))) {
    const text = readFileSync(join(folder ?? '', file), 'utf8');
    for (const chunk of splitDocuments(text)) {
      if (!/^kind:/m.test(chunk.text)) continue;
      // `_err` names what the API server says; it is no part of the resource.
      const document = chunk.text.replace(/^_err:.*$/m, '');
      const { findings } = loadResources([{ path: file, text: document }]);
      const hasError = findings.some((finding) => finding.severity === 'error');
      const name = /name: (\S+)/.exec(document)?.[1] ?? '';
      const label = `${file}: ${name}`;
      t.equal(hasError, file.includes('-invalid') || label === differs, label);
    }
  }
});
