import t from 'tap';
import { loadResources } from '../../../src/config/parse/load.ts';

function findings(rewrite: string): string[] {
  const text = JSON.stringify({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'a' },
    spec: {
      hosts: ['a'],
      http: [{ rewrite: { uri: rewrite }, route: [{ destination: { host: 'a' } }] }],
    },
  });
  const loaded = loadResources([{ path: 'a.json', text }]);
  return loaded.findings.filter(({ severity }) => severity === 'error').map((f) => f.path);
}

t.test('text of a request line can neither end it nor be cut by it', async (t) => {
  t.same(findings('/new?x=%20'), []);
  for (const bad of ['/a\nb', '/a\r\nx: y', '/a b', '/a\u0000', '/a\u010ab', '/ä', '/\u{1f600}']) {
    t.same(findings(bad), ['spec.http[0].rewrite.uri'], JSON.stringify(bad));
  }
});
