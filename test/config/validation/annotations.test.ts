/** Annotations of our own, right and wrong. */

import t from 'tap';
import { loadResources } from '../../support/load-resources.ts';

/** `severity code: message; hint` for a resource with one annotation. */
function findings(kind: string, name: string, value: string): string[] {
  const isIstio = kind === 'VirtualService';
  const spec = isIstio
    ? { hosts: ['web'], http: [{ route: [{ destination: { host: 'web' } }] }] }
    : { ports: [{ port: 80 }] };
  const text = JSON.stringify({
    apiVersion: isIstio ? 'networking.istio.io/v1' : 'v1',
    kind,
    metadata: { name: 'web', annotations: { [name]: value } },
    spec,
  });
  return loadResources([{ path: 'a.json', text }]).findings.map(
    ({ severity, code, path, message, hint }) => {
      t.equal(path, `metadata.annotations["${name}"]`);
      return `${severity} ${code}: ${message}; ${hint}`;
    },
  );
}

const sticky = 'sluice.dev/sticky-weights';

t.test('annotations of others are none of our business', async (t) => {
  t.strictSame(findings('VirtualService', 'example.com/sticky-weights', 'x'), []);
  t.strictSame(findings('Service', 'sluice.example.com/x', 'x'), []);
});

t.test('a flag is "true" or "false"', async (t) => {
  t.strictSame(findings('VirtualService', sticky, 'true'), []);
  t.strictSame(findings('VirtualService', sticky, 'false'), []);
  const hints: readonly [string, string][] = [
    ['yes', 'did you mean "true"?'],
    ['True', 'did you mean "true"?'],
    ['ture', 'did you mean "true"?'],
    ['off', 'did you mean "false"?'],
    ['', 'did you mean "false"?'],
    ['cookie', 'it is "true" or "false"'],
  ];
  for (const [value, hint] of hints) {
    const expected = `error SLC0032: the annotation "${sticky}" cannot be "${value}"; ${hint}`;
    t.strictSame(findings('VirtualService', sticky, value), [expected]);
  }
});

t.test('a name that is not known is probably misspelt', async (t) => {
  t.strictSame(findings('VirtualService', 'sluice.dev/stickyweights', 'true'), [
    'warning SLC0035: there is no annotation "sluice.dev/stickyweights"; it has no effect; ' +
      `did you mean "${sticky}"?`,
  ]);
  t.match(findings('VirtualService', 'sluice.dev/banana', 'true'), [/SLC0035: .*; null$/]);
});

t.test('an annotation stands on the kind it belongs to', async (t) => {
  t.strictSame(findings('Service', sticky, 'true'), [
    `warning SLC0035: the annotation "${sticky}" has no effect here; ` +
      'it belongs to a VirtualService',
  ]);
});
