/** Faulty configurations as people write them: the finding is where a person would point. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadResources } from '../support/load-resources.ts';
import { dataSet, missingData } from '../support/test-data.ts';

const folder = dataSet('user-configs');
const skip = folder === null ? missingData('user-configs') : false;

interface Faulty {
  readonly file: string;
  readonly at: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const faulty: readonly Faulty[] = [
  { file: 'weighting-misplaced.yaml', at: '13:9', message: /"weighting"/, hint: /"weight"/ },
  { file: 'bookinfo-reviews-jason-v2.yaml', at: '9:2', message: /1 space/, hint: /item of "http"/ },
  { file: 'prefix-misindented.yaml', at: '2:1', message: /kind/, hint: /VirtualService/ },
  { file: 'prefix-misindented.yaml', at: '5:7', message: /"prefix"/, hint: /part of "uri"/ },
  { file: 'prefix-misindented.yaml', at: '8:5', message: /route must be a list/, hint: /"- "/ },
  { file: 'cookie-regex-user.yaml', at: '7:5', message: /"\*"/, hint: /gateways/ },
  { file: 'ingress-tls.yaml', at: '4:1', message: /tab/, hint: /spaces/ },
  { file: 'k8s-service-loadbalancer.yaml', at: '4:1', message: /tab/, hint: /spaces/ },
];

t.test('faulty configurations', { skip }, async (t) => {
  for (const { file, at, message, hint } of faulty) {
    const text = readFileSync(join(folder ?? '', file), 'utf8');
    const { findings } = loadResources([{ path: file, text }]);
    const there = findings.find(({ line, column }) => `${line}:${column}` === at);
    t.match(there, { severity: 'error', message, hint }, `${file}:${at}`, { findings });
  }
});

t.test('an empty trafficPolicy is none', { skip }, async (t) => {
  const file = 'subsets-null-trafficpolicy.yaml';
  const text = readFileSync(join(folder ?? '', file), 'utf8');
  const { resources, findings } = loadResources([{ path: file, text }]);
  t.strictSame(findings, []);
  t.notOk(resources.destinationRules[0]?.spec.trafficPolicy);
});
