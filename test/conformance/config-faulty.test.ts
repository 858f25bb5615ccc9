/** Configurations as people write them: what `--fix` makes of the faulty ones. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { fixText } from '../../src/config/fix/fix-text.ts';
import { loadResources } from '../support/load-resources.ts';
import { dataSet, missingData } from '../support/test-data.ts';

const folder = dataSet('user-configs');
const skip = folder === null ? missingData('user-configs') : false;

t.test('an empty trafficPolicy is none', { skip }, async (t) => {
  const file = 'subsets-null-trafficpolicy.yaml';
  const text = readFileSync(join(folder ?? '', file), 'utf8');
  const { resources, findings } = loadResources([{ path: file, text }]);
  t.strictSame(findings, []);
  t.notOk(resources.destinationRules[0]?.spec.trafficPolicy);
});

/** What is left after `--fix`: the place of the first error; null where there is none. */
const mended: Readonly<Record<string, string | null>> = {
  'weighting-misplaced.yaml': null,
  'ingress-dashboard.yaml': null,
  'ingress-fanout-rewrite.yaml': null,
  'ingress-simple-v1beta1.yaml': null,
  'ingress-subdomains.yaml': null,
  // Its tabs are gone; its data is a description of data.
  'ingress-tls-secret.yaml': '7:3',
  'ingress-tls.yaml': null,
  'k8s-service-internal.yaml': null,
  'k8s-service-loadbalancer.yaml': null,
  'bookinfo-reviews-jason-v2.yaml': '9:2',
  'cookie-regex-user.yaml': '7:5',
  'prefix-misindented.yaml': '2:1',
};

const undecided = new Set(['bookinfo-reviews-jason-v2.yaml', 'cookie-regex-user.yaml']);

t.test('what has one right answer is mended', { skip }, async (t) => {
  for (const [file, left] of Object.entries(mended)) {
    const text = readFileSync(join(folder ?? '', file), 'utf8');
    const fixed = fixText(file, text);
    const { findings } = loadResources([{ path: file, text: fixed.text }]);
    const error = findings.find(({ severity }) => severity === 'error');
    t.equal(error === undefined ? null : `${error.line}:${error.column}`, left, file);
    t.equal(fixed.text === text, undecided.has(file), `${file}: changed`);
  }
});

t.test('right configurations have nothing to mend', { skip }, async (t) => {
  const names = readdirSync(folder ?? '').filter((name) => !Object.hasOwn(mended, name));
  t.ok(names.length > 15);
  for (const name of names) {
    t.strictSame(fixText(name, readFileSync(join(folder ?? '', name), 'utf8')).fixes, [], name);
  }
});
