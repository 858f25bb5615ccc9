import t from 'tap';
import { parseSuppression, withoutSuppressed } from '../../../src/config/analysis/suppression.ts';
import type { Finding } from '../../../src/config/finding.ts';
import { loadResources } from '../../support/load-resources.ts';

function finding(code: string, resource: string): Finding {
  const place = { file: 'a.yaml', line: 1, column: 1, path: '' };
  return { code, severity: 'warning', message: 'a', hint: null, ...place, resource };
}

const findings = [
  finding('IST0101', 'VirtualService default/a'),
  finding('IST0130', 'VirtualService default/a'),
  finding('IST0101', 'VirtualService prod/b'),
];

function left(yaml: string, ...texts: readonly string[]): string[] {
  const { read } = loadResources([{ path: 'a.yaml', text: yaml }]);
  const suppressions = texts.flatMap((text) => parseSuppression(text) ?? []);
  return withoutSuppressed(findings, read, suppressions).map(
    ({ code, resource }) => `${code} ${resource.split(' ')[1]}`,
  );
}

t.test('what is suppressed', async (t) => {
  const all = ['IST0101 default/a', 'IST0130 default/a', 'IST0101 prod/b'];
  t.same(left(''), all, 'nothing by itself');
  t.same(left('', 'IST0101'), ['IST0130 default/a'], 'a code');
  t.same(left('', '*'), [], 'everything');
  t.same(left('', 'IST0101=VirtualService a.default'), all.slice(1), 'a code of one resource');
  t.same(left('', '*=VirtualService *.prod'), all.slice(0, 2), 'a pattern');
  t.same(left('', 'IST0101=VirtualService a'), all, 'a name without a namespace is no resource');
});

t.test('what annotations suppress, also of a resource that is refused', async (t) => {
  const annotated = (codes: string) =>
    'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: a\n' +
    `  annotations: {galley.istio.io/analyze-suppress: "${codes}"}\nspec: {hosts: ["*"]}\n`;
  t.same(left(annotated('IST0101')), ['IST0130 default/a', 'IST0101 prod/b']);
  t.same(left(annotated('IST0101, IST0130')), ['IST0101 prod/b']);
  t.same(left(annotated('*')), ['IST0101 prod/b']);
});

t.test('texts that suppress nothing', async (t) => {
  for (const text of ['', 'a', 'IST', '0101', 'IST0101=']) t.equal(parseSuppression(text), null);
});
