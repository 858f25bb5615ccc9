import t from 'tap';
import { translateMesh } from '../../../src/config/translate/mesh.ts';
import { load, resource, service, sidecar, translate } from './translate-yaml.ts';

const settings = {
  ...sidecar,
  selectorsApply: false,
  outbound: [{ address: '127.0.0.1', port: 15001, servicePort: null }],
  inbound: [{ address: '127.0.0.1', port: 15006, appPort: 8080 }],
};

const yaml =
  service('a') +
  service('b', 'other', 8080) +
  resource(
    'Gateway',
    'gw',
    '{servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
  ) +
  resource(
    'VirtualService',
    'a',
    `{hosts: [a, shop.com], gateways: [mesh, gw], http: [
      {match: [{headers: {x: {exact: y}}}], route: [{destination: {host: a, subset: v1}}],
        fault: {abort: {httpStatus: 500, percentage: {value: 1}}}},
      {route: [{destination: {host: a}, weight: 9}, {destination: {host: b}, weight: 1}],
        mirror: {host: a}}]}`,
  ) +
  resource('DestinationRule', 'a', '{host: a, subsets: [{name: v1, labels: {version: v1}}]}');

t.test('the mesh is plain JSON, and the same for the same resources', async (t) => {
  const resources = load(yaml);
  const first = translateMesh(resources, settings);
  t.strictSame(JSON.parse(JSON.stringify(first.mesh)), first.mesh);
  t.strictSame(translateMesh(resources, settings), first);
});

t.test('names are unique', async (t) => {
  const { mesh } = translate(yaml, settings);
  for (const named of [mesh.listeners, mesh.routeTables, mesh.clusters]) {
    const names = named.map(({ name }) => name);
    t.strictSame(names, [...new Set(names)]);
  }
  for (const { virtualHosts } of mesh.routeTables) {
    const domains = virtualHosts.flatMap((host) => host.domains);
    t.strictSame(domains, [...new Set(domains)]);
  }
});

t.test('every table that a listener names is there', async (t) => {
  const { mesh } = translate(yaml, settings);
  const tables = new Set(mesh.routeTables.map(({ name }) => name));
  for (const chain of mesh.listeners.flatMap(({ filterChains }) => filterChains)) {
    if (chain.kind !== 'http') continue;
    const { routes } = chain;
    const named =
      routes.kind === 'table' ? [routes.name] : [...Object.values(routes.tables), routes.fallback];
    for (const name of named) t.ok(tables.has(name), name);
  }
});

t.test('what a VirtualService refers to and nothing defines is reported once', async (t) => {
  const rules = resource(
    'VirtualService',
    'a',
    `{hosts: [a], gateways: [mesh, gw, team/none], http: [
      {match: [{uri: {prefix: /1}}], route: [{destination: {host: nosuch}}]},
      {match: [{uri: {prefix: /2}}], route: [{destination: {host: a, subset: v9}}]},
      {match: [{uri: {prefix: /3}}], route: [{destination: {host: a, port: {number: 81}}}]},
      {route: [{destination: {host: a.default}}], mirror: {host: b}}]}`,
  );
  const gateway = resource(
    'Gateway',
    'gw',
    '{servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
  );
  const { findings } = translate(service('a') + service('b', 'other') + gateway + rules, settings);
  t.strictSame(
    findings.map(({ code, path, hint }) => [code, path, hint]),
    [
      ['SLC0201', 'spec.gateways[2]', null],
      ['SLC0203', 'spec.http[0].route[0].destination.host', null],
      ['SLC0204', 'spec.http[1].route[0].destination.subset', 'there is no subset of this host'],
      ['SLC0205', 'spec.http[2].route[0].destination.port', 'it has 80'],
      [
        'SLC0203',
        'spec.http[3].route[0].destination.host',
        'did you mean "a.default.svc.cluster.local"?',
      ],
      ['SLC0203', 'spec.http[3].mirror.host', null],
    ],
  );
});
