/** docs/admin-api.md and the cluster counters of docs/metrics.md against the code, both ways. */

import t from 'tap';
import { createAdminEndpoints } from '../../src/admin/admin-endpoints.ts';
import { parametersOf } from '../../src/admin/endpoints/help.ts';
import { clusterSamples } from '../../src/runtime/cluster-samples.ts';
import { ClusterFixture } from '../cluster/cluster-fixture.ts';
import { healthCheck } from '../cluster/health/health-fixture.ts';
import { readDoc } from '../support/read-doc.ts';
import { endpointTls } from '../support/tls-fixtures.ts';

t.test('every path is documented with its method and parameters', (t) => {
  const rows = [...readDoc('admin-api.md').matchAll(/^\| `(GET|POST) (\/\S*)` \| (.*?) ?\|/gm)];
  const documented = rows.map(([, method, path, parameters]) => {
    const names = [...(parameters ?? '').matchAll(/`(\w+)(?:=\w+)?`/g)].map((found) => found[1]);
    return { method, path, parameters: [...new Set(names)].sort() };
  });
  // What is below /api/ has a document of its own.
  const shown = createAdminEndpoints().filter(({ path }) => !path.startsWith('/api/'));
  const existing = shown.map((endpoint) => ({
    method: endpoint.mutation ? 'POST' : 'GET',
    path: endpoint.path,
    parameters: parametersOf(endpoint)
      .map(({ name }) => name)
      .sort(),
  }));
  const byPath = (a: { path?: string | undefined }, b: { path?: string | undefined }) =>
    (a.path ?? '') < (b.path ?? '') ? -1 : 1;
  t.same(documented.sort(byPath), existing.sort(byPath));
  t.end();
});

t.test('every counter of a cluster is documented', (t) => {
  const cluster = new ClusterFixture().create({
    healthCheck: healthCheck(),
    tls: endpointTls(),
  });
  cluster.stats.countCall({ grpcStatus: null, requestMessages: 1, responseMessages: 0 });
  const prefix = `cluster.${cluster.name};.`;
  const names = [...clusterSamples(cluster)].map(({ name }) => name.slice(prefix.length));
  // Histograms have a section, and a test, of their own.
  const counters = readDoc('metrics.md').replace(/### Histograms.*?(?=\n### )/s, '');
  const found = [...counters.matchAll(/`cluster\.\*\.([a-z0-9_.]+)`/g)];
  const documented = new Set(found.map((match) => match[1] as string));
  t.same([...documented].sort(), names.sort());
  t.end();
});

t.test('checks and handshakes are counted only where there are any', (t) => {
  const names = [...clusterSamples(new ClusterFixture().create())].map(({ name }) => name);
  t.notOk(names.some((name) => /health_check|ssl/.test(name)));
  t.end();
});
