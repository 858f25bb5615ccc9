import t from 'tap';
import { ConfigStore } from '../../src/runtime/config-store.ts';

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
