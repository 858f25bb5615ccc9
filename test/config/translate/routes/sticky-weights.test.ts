import t from 'tap';
import { findingPlaces, forward, resource, service, translate } from '../translate-yaml.ts';

const subsets =
  'subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v1}}, ' +
  '{name: v3, labels: {version: v1}}]';
const hashed = `{loadBalancer: {consistentHash: {httpHeaderName: x-user}}}`;
const hashing = resource('DestinationRule', 'a', `{host: a, trafficPolicy: ${hashed}, ${subsets}}`);
const plain = resource('DestinationRule', 'a', `{host: a, ${subsets}}`);

function to(subset: string, weight: number): string {
  return `{destination: {host: a, subset: ${subset}}, weight: ${weight}}`;
}

const half = `[${to('v1', 50)}, ${to('v2', 50)}]`;

/** The annotation stands in line 12 of the file, and the rules in line 13. */
function sticky(http: string, value = 'true', hosts = '[a]'): string {
  return `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: sticky, annotations: {sluice.dev/sticky-weights: "${value}"}}
spec: {hosts: ${hosts}, http: ${http}}
`;
}

function translateSticky(yaml: string, rule = hashing) {
  return translate(service('a') + rule + yaml);
}

t.test('rules with several destinations choose by hash', async (t) => {
  const translation = translateSticky(sticky(`[{route: ${half}}]`));
  const { stickyWeights, hashPolicies } = forward(translation);
  t.equal(stickyWeights, true);
  t.strictSame(hashPolicies, [{ kind: 'header', name: 'x-user' }], 'shared policies count once');
  t.strictSame(translation.findings, []);
});

t.test('policies that differ are all part of the hash', async (t) => {
  const own = '{loadBalancer: {consistentHash: {useSourceIp: true}}}';
  const mixed = resource(
    'DestinationRule',
    'a',
    `{host: a, trafficPolicy: ${hashed}, subsets: [{name: v1, labels: {version: v1}}, ` +
      `{name: v2, labels: {version: v1}, trafficPolicy: ${own}}]}`,
  );
  const { hashPolicies } = forward(translateSticky(sticky(`[{route: ${half}}]`), mixed));
  t.strictSame(hashPolicies, [{ kind: 'header', name: 'x-user' }, { kind: 'source-ip' }]);
});

t.test('a destination without requests still says what is hashed', async (t) => {
  const all = `[${to('v1', 0)}, ${to('v2', 100)}]`;
  const { clusters, hashPolicies } = forward(translateSticky(sticky(`[{route: ${all}}]`)));
  t.equal(clusters.length, 1);
  t.strictSame(hashPolicies, [{ kind: 'header', name: 'x-user' }]);
});

t.test('without the annotation, or with "false", everything is as in Istio', async (t) => {
  const without = resource('VirtualService', 'a', `{hosts: [a], http: [{route: ${half}}]}`);
  for (const yaml of [without, sticky(`[{route: ${half}}]`, 'false')]) {
    const translation = translateSticky(yaml);
    const { stickyWeights, hashPolicies } = forward(translation);
    t.equal(stickyWeights, false);
    t.equal(hashPolicies.length, 2, 'once for each destination');
    t.strictSame(translation.findings, []);
  }
});

t.test('a delegate is sticky if it says so, or whoever includes it', async (t) => {
  const leaf = resource('VirtualService', 'leaf', `{http: [{route: ${half}}]}`);
  const root = sticky('[{delegate: {name: leaf}}]');
  const included = translateSticky(root + leaf);
  t.equal(forward(included).stickyWeights, true);
  t.strictSame(included.findings, []);
  const own = sticky(`[{route: ${half}}]`, 'true', '[]').replace('name: sticky', 'name: leaf');
  const plainRoot = resource(
    'VirtualService',
    'a',
    '{hosts: [a], http: [{delegate: {name: leaf}}]}',
  );
  t.equal(forward(translateSticky(plainRoot + own)).stickyWeights, true);
});

t.test('where it has no effect, a finding says why', async (t) => {
  const single = translateSticky(sticky(`[{route: [${to('v1', 100)}]}]`));
  t.match(single.findings, [
    {
      code: 'SLC0217',
      severity: 'warning',
      message: /no rule has several destinations/,
      path: 'metadata.annotations["sluice.dev/sticky-weights"]',
    },
  ]);
  const unhashed = translateSticky(sticky(`[{route: ${half}}]`), plain);
  t.equal(forward(unhashed).stickyWeights, false);
  t.match(unhashed.findings, [
    {
      code: 'SLC0217',
      message: /no DestinationRule says what to hash/,
      hint: /DestinationRule of a\.default\.svc\.cluster\.local$/,
      path: 'spec.http[0].route',
    },
  ]);
  t.equal(findingPlaces(single).length, 1, 'told once');
});
