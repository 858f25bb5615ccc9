/**
 * Envoy's own route tables, rewritten as VirtualServices of a gateway: which cluster, rewritten
 * path or answer each request gets. Differences and their reasons: routing.md.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { dataSet, missingData } from '../support/test-data.ts';
import { type Decision, RoutedGateway } from './routing-mesh.ts';

interface Case {
  readonly name?: string;
  readonly request: {
    readonly method: string;
    readonly scheme: string;
    readonly host: string;
    readonly path: string;
    readonly headers: readonly (readonly [string, string])[];
  };
  readonly expect: {
    readonly backend?: string;
    readonly backend_one_of?: readonly string[];
    readonly status?: number;
    readonly location?: string;
    readonly route_name?: string;
    readonly body?: string;
    readonly upstream?: Readonly<Record<string, string>>;
  };
}

interface Suite {
  readonly source: string;
  readonly virtualServices: readonly unknown[];
  readonly cases: readonly Case[];
}

/** `suite case-number`, as in routing.md. */
const knownDifferences = [
  'RouteMatcherTest.IgnorePortInHostMatching 1',
  'RouteMatcherTest.IgnorePortInHostMatching 2',
  'RouteMatcherTest.IgnorePortInHostMatching 3',
];
const expectedRows = 144;
const floor = 141;

const gateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name: 'test-gateway', namespace: 'test' },
  spec: {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
  },
};

const folder = dataSet('routing');
const skip = folder === null ? missingData('routing') : false;

t.test('tables of Envoy', { skip }, async (t) => {
  const text = readFileSync(join(folder ?? '', 'envoy-as-virtualservice.json'), 'utf8');
  let rows = 0;
  const different: string[] = [];
  for (const suite of JSON.parse(text) as Suite[]) {
    const routed = new RoutedGateway([gateway, ...suite.virtualServices], { namespace: 'test' });
    for (const [index, { request, expect }] of suite.cases.entries()) {
      rows++;
      const decision = routed.decide({ ...request, port: 80, authority: request.host });
      const wrong = differences(expect, decision);
      if (wrong.length === 0) continue;
      different.push(`${suite.source} ${index}`);
      t.comment(`${suite.source} ${index}: ${wrong.join('; ')}`);
    }
  }
  t.strictSame(different, knownDifferences);
  t.equal(rows, expectedRows);
  t.ok(rows - different.length >= floor, `${rows - different.length} of ${rows} rows agree`);
});

function differences(expect: Case['expect'], decision: Decision): string[] {
  const backend = decision.cluster?.split('|')[3] ?? null;
  const wrong: string[] = [];
  const compare = (what: string, wanted: unknown, actual: unknown) => {
    if (wanted !== undefined && wanted !== actual) wrong.push(`${what} ${actual}, not ${wanted}`);
  };
  compare('backend', expect.backend, backend);
  if (expect.backend_one_of !== undefined && !expect.backend_one_of.includes(backend ?? '')) {
    wrong.push(`backend ${backend}, none of ${expect.backend_one_of}`);
  }
  compare('status', expect.status, decision.status);
  compare('location', expect.location, decision.location);
  compare('route', expect.route_name, decision.routeName);
  compare('body', expect.body, decision.body);
  compare('path', expect.upstream?.[':path'], decision.upstreamPath);
  compare('authority', expect.upstream?.[':authority'], decision.upstreamAuthority);
  return wrong;
}
