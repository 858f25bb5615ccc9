/** Prefixes that cover others are found among thousands, and each is told once. */

import t from 'tap';
import { coveredPrefixes } from '../../../../src/config/analysis/istio/covered-prefixes.ts';
import { loadResources } from '../../../support/load-resources.ts';

const many = Array.from({ length: 1_000 }, (_, index) => index);

t.test('a thousand matches of one prefix cover another once', async (t) => {
  const matches = many.map((index) => `{uri: {prefix: /x}, sourceLabels: {a: v${index}}}`);
  const text = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
  - match: [${matches.join(', ')}, {uri: {prefix: /x/y}}, {uri: {prefix: /x}, port: 1}]
    route: [{destination: {host: web}}]
`;
  const { read } = loadResources([{ path: 'a.yaml', text }]);
  const found = read.virtualServices.flatMap((resource) => [...coveredPrefixes(resource)]);
  t.strictSame(
    found.map(({ path }) => path.join('.')),
    ['spec.http.0.match.1000'],
  );
  t.match(found[0]?.message, 'the prefix /x of an earlier match covers /x/y');
});
