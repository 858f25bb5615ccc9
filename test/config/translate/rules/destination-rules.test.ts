import t from 'tap';
import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import { cluster, gateway, resource, service, sidecar, translate } from '../translate-yaml.ts';

const host = 'a.default.svc.cluster.local';

function client(namespace: string): ProxySettings {
  return { ...sidecar, identity: { ...sidecar.identity, namespace } };
}

/** A rule that can be told by its limit of connections. */
function rule(name: string, limit: number, rest = ''): string {
  const policy = `trafficPolicy: {connectionPool: {tcp: {maxConnections: ${limit}}}}`;
  return resource('DestinationRule', name, `{host: ${host}, ${policy} ${rest}}`);
}

function limit(yaml: string, settings: ProxySettings = sidecar): number {
  const found = cluster(translate(service('a') + yaml, settings), `outbound|80||${host}`);
  return found.circuitBreaker.maxConnections;
}

const unlimited = 4_294_967_295;

t.test('the namespaces of client, service and root are asked in this order', async (t) => {
  const all = rule('other/c', 1) + rule('default/s', 2) + rule('istio-system/r', 3);
  t.equal(limit(all, client('other')), 1);
  t.equal(limit(all, client('third')), 2);
  t.equal(limit(rule('other/c', 1) + rule('istio-system/r', 3), client('third')), 3);
  t.equal(limit(rule('other/c', 1), client('third')), unlimited);
});

t.test('rules in the root namespace are the last even for a proxy there', async (t) => {
  const all = rule('default/s', 2) + rule('istio-system/r', 3);
  t.equal(limit(all, gateway), 2);
  t.equal(limit(`${all}${rule('istio-system/p', 4, ', exportTo: ["."]')}`, gateway), 4);
});

t.test('rules that are not exported hold in their namespace only', async (t) => {
  const hidden = rule('default/s', 2, ', exportTo: ["."]');
  t.equal(limit(hidden), 2);
  t.equal(limit(hidden, client('other')), unlimited);
  t.equal(limit(rule('default/s', 2, ', exportTo: [other]'), client('other')), 2);
});

t.test('an exact host hides wildcards, and a longer wildcard a shorter one', async (t) => {
  const wide = rule('w1', 1).replace(host, '"*.svc.cluster.local"');
  const narrow = rule('w2', 2).replace(host, '"*.default.svc.cluster.local"');
  t.equal(limit(wide), 1);
  t.equal(limit(wide + narrow), 2);
  t.equal(limit(wide + narrow + rule('exact', 3)), 3);
  const short = rule('short', 4).replace(host, 'a');
  t.equal(limit(short + wide), 4);
});

t.test('several rules for one host are one: the first policy, all subsets', async (t) => {
  const subset = (name: string, version: string) =>
    `, subsets: [{name: ${name}, labels: {version: ${version}}}]`;
  const yaml =
    rule('b', 2, subset('same', 'v9')) +
    rule('a', 1, subset('same', 'v1')) +
    rule('c', 3, subset('own', 'v1'));
  t.equal(limit(yaml), 1);
  const translation = translate(service('a') + yaml);
  t.equal(cluster(translation, `outbound|80|same|${host}`).endpoints.length, 1);
  t.equal(cluster(translation, `outbound|80|own|${host}`).circuitBreaker.maxConnections, 1);
});

t.test('a rule that selects workloads holds for those alone, in place of others', async (t) => {
  const others = rule('b', 2);
  const selecting = (app: string) =>
    rule('a', 1, `, workloadSelector: {matchLabels: {app: ${app}}}`);
  t.equal(limit(selecting('client') + others), 1);
  t.equal(limit(selecting('somebody') + others), 2);
  t.equal(limit(selecting('client'), client('other')), unlimited, 'it is private');
});

t.test('a rule for a host that nothing has is reported', async (t) => {
  const { findings } = translate(service('a') + rule('x', 1).replace(host, 'a.default'));
  t.match(findings, [{ code: 'SLC0213', path: 'spec.host', hint: `did you mean "${host}"?` }]);
});

t.test('of a host that is neither short nor full the whole name is told', async (t) => {
  const hints: Readonly<Record<string, RegExp | null>> = {
    'x.default': /^only names without a dot .* "x\.default\.svc\.cluster\.local"/,
    'x.default.svc': /"x\.default\.svc\.cluster\.local"/,
    'x.svc.cluster.local': /^the namespace is missing: .* "x\.default\.svc\.cluster\.local"/,
    'x.default.svc.cluster.local': null,
    'x.example.com': null,
    'x.com': null,
  };
  for (const [name, hint] of Object.entries(hints)) {
    const { findings } = translate(service('a') + rule('x', 1).replace(host, name));
    t.match(findings, [{ code: 'SLC0213', hint }], name);
  }
});

t.test('only rules with the same exportTo are one; of others the last counts', async (t) => {
  const subset = ', subsets: [{name: s, labels: {version: v1}}]';
  const same = rule('a', 1, ', exportTo: ["*"]') + rule('b', 2, `, exportTo: ["*"]${subset}`);
  t.equal(limit(same), 1);
  t.ok(translate(service('a') + same).mesh.clusters.some(({ name }) => name.includes('|s|')));
  t.equal(limit(rule('a', 1) + rule('b', 2, ', exportTo: ["*"]')), 2, 'none is not the same');
  const wider = rule('a', 1, ', exportTo: [other]') + rule('b', 2, ', exportTo: [other, third]');
  t.equal(limit(wider, client('other')), 1, 'a wider one is merged into the first');
  t.equal(limit(wider, client('third')), unlimited);
});

t.test('an exact host hides wildcards from those who do not see it, too', async (t) => {
  const exact = rule('default/e', 1, ', exportTo: [other]');
  const wild = rule('default/w', 2).replace(host, '"*.default.svc.cluster.local"');
  t.equal(limit(exact + wild, client('other')), 1);
  t.equal(limit(exact + wild, client('third')), unlimited);
  t.equal(limit(exact + wild + rule('istio-system/r', 3), client('third')), 3);
});

t.test('rules for other workloads hide those of other namespaces', async (t) => {
  const selecting = rule('other/a', 1, ', workloadSelector: {matchLabels: {app: x}}');
  t.equal(limit(selecting + rule('default/s', 2), client('other')), unlimited);
});

t.test('the default of the mesh is private or for everybody', async (t) => {
  const closed = (namespace: string, exportTo: string[]): ProxySettings => {
    const settings = client(namespace);
    return { ...settings, mesh: { ...settings.mesh, defaultDestinationRuleExportTo: exportTo } };
  };
  t.equal(limit(rule('default/s', 2), closed('other', ['.'])), unlimited);
  t.equal(limit(rule('default/s', 2), closed('default', ['.'])), 2);
  t.equal(limit(rule('default/s', 2), closed('other', ['third'])), 2);
});
