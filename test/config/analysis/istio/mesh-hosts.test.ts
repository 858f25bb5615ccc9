/** What is said of a host that many VirtualServices have does not grow with their number. */

import t from 'tap';
import { analyze } from '../../../../src/config/analysis/analyze.ts';
import { analysisContext } from '../../../support/analysis-context.ts';
import { loadResources } from '../../../support/load-resources.ts';

function messages(names: readonly string[]): string[] {
  const documents = names.map(
    (name) =>
      `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}}\n` +
      'spec: {hosts: [a.test], http: [{route: [{destination: {host: web}}]}]}\n',
  );
  const loaded = loadResources([{ path: 'a.yaml', text: documents.join('---\n') }]);
  return analyze(analysisContext(loaded))
    .filter(({ code }) => code === 'IST0109')
    .map(({ message }) => message);
}

t.test('three others are named, more are counted', async (t) => {
  t.match(messages(['a', 'b'])[0], 'has rules in default/b, too');
  t.match(messages(['a', 'b', 'c', 'd'])[3], 'has rules in default/a, default/b, default/c, too');
  const [first, , third, , fifth] = messages(['a', 'b', 'c', 'd', 'e']);
  t.match(first, 'in default/b, default/c, default/d and 1 more, too');
  t.match(third, 'in default/a, default/b, default/d and 1 more, too');
  t.match(fifth, 'in default/a, default/b, default/c and 1 more, too');
});
