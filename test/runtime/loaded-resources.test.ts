import t from 'tap';
import { ConfigStore } from '../../src/runtime/config-store.ts';
import { describeResources } from '../../src/runtime/loaded-resources.ts';
import { loadResources } from '../support/load-resources.ts';

function service(name: string, port: string): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{name: http, port: ${port}}]}
`;
}

function statuses(store: ConfigStore, text: string): readonly string[] {
  const { loaded } = store.load([{ path: 'mesh.yaml', text }]);
  return (loaded?.resources ?? []).map(
    ({ kind, namespace, name, file, line, status }) =>
      `${kind} ${namespace}/${name} ${file}:${line} ${status}`,
  );
}

t.test('every resource is told with its place and what became of it', (t) => {
  const store = new ConfigStore({}, 1024);
  const good = [service('a', '80'), service('b', '80')].join('---\n');
  t.same(statuses(store, good), [
    'Service default/a mesh.yaml:1 accepted',
    'Service default/b mesh.yaml:6 accepted',
  ]);
  const broken = [service('a', '80'), service('b', 'high'), service('c', 'high')].join('---\n');
  t.same(statuses(store, broken), [
    'Service default/a mesh.yaml:1 accepted',
    'Service default/b mesh.yaml:6 kept',
    'Service default/c mesh.yaml:14 rejected',
  ]);
  t.end();
});

t.test('conditions stand with the resource of their kind, whatever has its name', (t) => {
  const gateways = ['networking.istio.io', 'gateway.networking.k8s.io'].map(
    (group) =>
      `apiVersion: ${group}/v1\nkind: Gateway\nmetadata: {name: edge}\n` +
      (group === 'networking.istio.io'
        ? 'spec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}\n'
        : 'spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}\n'),
  );
  const read = loadResources([{ path: 'mesh.yaml', text: gateways.join('---\n') }]);
  const conditions = [
    { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'it is served' },
  ] as const;
  const parts = [{ name: 'http', attachedRoutes: 1, conditions }];
  const status = { kind: 'Gateway', namespace: 'default', name: 'edge' };
  const described = describeResources(read.resources, read, {
    rejected: [],
    kept: [],
    statuses: [{ ...status, conditions, parts }],
  });
  t.match(described, [
    { kind: 'Gateway', group: 'networking.istio.io', conditions: [], parts: [] },
    { kind: 'Gateway', group: 'gateway.networking.k8s.io', conditions, parts },
  ]);
  t.end();
});

t.test('of two with one label only the one that was refused is rejected, or kept', (t) => {
  const ofIstio =
    'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: twin}\n' +
    'spec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}\n';
  const other = (name: string) =>
    'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: twin}\n' +
    `spec: {gatewayClassName: istio, listeners: [{name: ${name}, port: 81, protocol: HTTP}]}\n`;
  const broken = `${ofIstio}---\n${other('BAD_NAME')}`;
  t.same(statuses(new ConfigStore({}, 1024), broken), [
    'Gateway default/twin mesh.yaml:1 accepted',
    'Gateway default/twin mesh.yaml:9 rejected',
  ]);
  const store = new ConfigStore({}, 1024);
  statuses(store, `${ofIstio}---\n${other('http')}`);
  t.same(statuses(store, broken), [
    'Gateway default/twin mesh.yaml:1 accepted',
    'Gateway default/twin mesh.yaml:6 kept',
  ]);
  t.end();
});
