import t from 'tap';
import { WorkloadIndex } from '../../../../src/config/translate/references/workload-index.ts';
import { loadResources } from '../../../support/load-resources.ts';

const workload = (kind: string, name: string, namespace: string, labels: string) =>
  `apiVersion: apps/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\n` +
  `spec: {template: {metadata: {labels: ${labels}}}}\n`;

t.test('workloads are those of the namespace with every label of the selector', async (t) => {
  const text = [
    workload('StatefulSet', 'db', 'a', '{app: web, tier: db}'),
    workload('Deployment', 'web-v1', 'a', '{app: web, version: v1}'),
    workload('Deployment', 'web-v2', 'a', '{app: web, version: v2}'),
    workload('Deployment', 'other', 'b', '{app: web, version: v1}'),
    workload('Deployment', 'none', 'a', '{}'),
  ].join('---\n');
  const index = new WorkloadIndex(loadResources([{ path: 'a.yaml', text }]).resources);
  t.strictSame(index.selectedBy('a', { app: 'web' }), ['web-v1', 'web-v2', 'db']);
  t.strictSame(index.selectedBy('a', { app: 'web', version: 'v2' }), ['web-v2']);
  t.strictSame(index.selectedBy('b', { app: 'web' }), ['other']);
  t.strictSame(index.selectedBy('b', { tier: 'db' }), []);
  t.strictSame(index.selectedBy('a', {}), []);
});
