/** A path of an Ingress that leads to https has two routes; what is shown tells them apart. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ok } from '../../../src/base/result.ts';
import type { AdminConnection } from '../../../src/cli/options/admin-connection.ts';
import { routeKind } from '../../../src/cli/proxy-config/route-table.ts';
import { runInProcess } from '../../support/command-in-process.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const folder = tempFolder();
t.teardown(() => folder.remove());
const cwd = folder.path;

writeFileSync(
  join(cwd, 'shop.yaml'),
  `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    nginx.ingress.kubernetes.io/force-ssl-redirect: "true"
    nginx.ingress.kubernetes.io/proxy-body-size: 1k
spec:
  rules:
  - host: a.test
    http: {paths: [{path: /foo, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}]}
`,
);

t.test('explain says that the route redirects, and what its path is to be', async (t) => {
  const args = ['explain', 'GET', 'http://a.test/foo', '-f', 'shop.yaml'];
  const { stdout } = await runInProcess(args, { cwd });
  t.match(stdout, /✓ #1: redirects with 308 /);
  t.match(stdout, 'path PathPrefix "/foo"\n');
  t.notMatch(stdout, 'that an endpoint is sent');
});

t.test('the table of routes says it, too', async (t) => {
  const origin = { kind: 'Ingress', namespace: 'default', name: 'shop', file: '', line: 0 };
  const match = ['path PathPrefix "/foo"'];
  const routes = [
    { match, origin, action: 'redirect', status: 308, rewrite: 'scheme to "https"' },
    { match, origin, action: 'forward', status: null, rewrite: null },
  ];
  const virtualHosts = [{ name: 'a.test:80', domains: ['a.test'], routes }];
  const answer = ok({ routeTables: [{ name: 'http.80', virtualHosts }] });
  const admin = { client: { routes: async () => answer } } as unknown as AdminConnection;
  const fetched = await routeKind.fetch(admin, {});
  const [, redirect = '', forward = ''] = fetched.ok ? fetched.value.table(false) : [];
  t.match(redirect, / PathPrefix:\/foo +shop\.default \(redirect 308 to https\)$/);
  t.match(forward, / PathPrefix:\/foo +shop\.default$/);
});
