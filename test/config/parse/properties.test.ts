/** Whatever the text, loading answers: it never throws, and every finding has a place in it. */

import fc from 'fast-check';
import t from 'tap';
import { loadResources } from '../../support/load-resources.ts';

const sample = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: web
spec:
  hosts: ["web", '*.example.com']
  http:
  - match:
    - uri: {prefix: /a}
      headers: {cookie: {regex: "^(.*?;)?(user=jason)(;.*)?$"}}
    fault: {delay: {fixedDelay: 1s, percentage: {value: 0.1}}}
    route:
    - destination: {host: web, subset: v1}
      weight: 90
    - destination: {host: web, subset: v2}
      weight: 10
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: &m {name: web}
spec:
  host: web
  trafficPolicy:
    loadBalancer: {consistentHash: {httpCookie: {name: user, ttl: 0s}}}
    outlierDetection: {consecutive5xxErrors: 3, interval: 5s}
  subsets:
  - {name: v1, labels: {version: v1}}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: *m, spec: {ports: [{port: 80}]}}
`;

const fragments = [
  '\\t',
  '\\n',
  ' ',
  '- ',
  ': ',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  '#',
  '&a ',
  '*a',
  '|',
  '>',
  '!!map ',
  '---\\n',
  'null',
  '~',
  '.inf',
  '-1',
  '1e999',
  'true',
  '__proto__: ',
  'constructor: ',
  'toString: ',
  '<<: ',
  '? ',
  '\\u0000',
  '\\ud800',
  '\\ufeff',
  'kind: ',
  'spec:\\n',
  '%YAML 9\\n',
].map((text) => JSON.parse(`"${text.replace(/"/g, '\\"')}"`) as string);

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(sample.length),
  remove: fc.nat(12),
  insert: fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 4 })),
});

function apply(text: string, { at, remove, insert }: Edit): string {
  return text.slice(0, at) + insert + text.slice(at + remove);
}

function check(text: string): void {
  const { findings } = loadResources([{ path: 'a.yaml', text }]);
  const lines = text.split('\n').length;
  for (const { line, column, message } of findings) {
    if (line < 0 || line > lines || column < 0 || message === '') throw new Error(message);
  }
}

t.test('edited samples', async () => {
  const edits = fc.array(edit, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(edits, (list) => check(list.reduce(apply, sample))),
    { numRuns: 400 },
  );
});

t.test('any values in the place of fields', async () => {
  const value = fc.jsonValue({ maxDepth: 4 });
  const kinds = ['VirtualService', 'DestinationRule', 'Gateway', 'ServiceEntry', 'Sidecar'];
  const names = [
    'spec',
    'http',
    'hosts',
    'route',
    'servers',
    '__proto__',
    'constructor',
    'subsets',
  ];
  const document = fc.record({
    apiVersion: fc.constant('networking.istio.io/v1'),
    kind: fc.constantFrom(...kinds),
    metadata: fc.oneof(fc.constant({ name: 'a' }), value),
    spec: fc.oneof(value, fc.dictionary(fc.constantFrom(...names), value)),
  });
  fc.assert(
    fc.property(document, (fields) => check(JSON.stringify(fields))),
    { numRuns: 400 },
  );
});

t.test('any text', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), check), { numRuns: 300 });
});
