/** Every recorded scenario: documents that Istio refused are refused, all others are accepted. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadResources } from '../support/load-resources.ts';
import { dataSet, missingData } from '../support/test-data.ts';

interface Scenario {
  readonly name: string;
  readonly config: string;
  /** Lines begin with REJECTED where the webhook refused a document. */
  readonly validation?: readonly string[] | null;
}

/** Ports of backends and listeners are only known when a scenario runs; keys do not matter. */
function fillPlaceholders(config: string): string {
  return config
    .replace(/\$\{(port|listen):[^}]*\}/g, '9080')
    .replace(/\$\{pem64:[^}]*\}/g, 'eA==')
    .replace(/\$\{[^}]*\}/g, 'x');
}

for (const name of ['istio-envoy', 'istio-envoy-2']) {
  const folder = dataSet(name);
  const skip = folder === null ? missingData(name) : false;
  t.test(`scenarios of ${name}`, { skip }, async (t) => {
    for (const file of readdirSync(folder ?? '').filter((path) => path.endsWith('.json'))) {
      const data = JSON.parse(readFileSync(join(folder ?? '', file), 'utf8'));
      const wrong = (data.scenarios as Scenario[]).flatMap(disagreement);
      t.strictSame(wrong, [], file);
    }
  });
}

function disagreement(scenario: Scenario): string[] {
  const refusals = (scenario.validation ?? []).filter((line) => line.startsWith('REJECTED'));
  const text = fillPlaceholders(scenario.config);
  const { findings, refused } = loadResources([{ path: scenario.name, text }]);
  const errors = findings.filter((finding) => finding.severity === 'error');
  if (refused.length === refusals.length && (errors.length === 0) === (refusals.length === 0))
    return [];
  return [`${scenario.name}: ${errors.map((error) => error.message).join('; ')}`];
}
