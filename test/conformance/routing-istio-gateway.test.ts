/** Istio's simulated gateway traffic. What is out of scope, and why: routing.md. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { dataSet, missingData } from '../support/test-data.ts';
import { type Decision, RoutedGateway } from './routing-mesh.ts';

interface Call {
  readonly name: string | null;
  readonly call: {
    readonly Port: number;
    readonly HostHeader?: string;
    readonly Path?: string;
    readonly Protocol: string;
    readonly TLS?: string;
  };
  readonly result: {
    readonly Error?: string;
    readonly ClusterMatched?: string;
    readonly VirtualHostMatched?: string;
    readonly RouteConfigMatched?: string;
  };
}

interface Simulation {
  readonly test: string;
  readonly name: string;
  readonly config: readonly unknown[];
  readonly calls: readonly Call[];
}

/** About the ports of the gateway's pod, which stand between it and a Service in front. */
const podPortTests = ['TestTargetPort', 'TestDisablePortTranslation', 'TestGatewayServices'];
const expectedRows = 17;

const folder = dataSet('routing');
const skip = folder === null ? missingData('routing') : false;

t.test('simulated gateway traffic', { skip }, async (t) => {
  const text = readFileSync(join(folder ?? '', 'istio-gateway-simulation.json'), 'utf8');
  let rows = 0;
  for (const simulation of JSON.parse(text) as Simulation[]) {
    if (podPortTests.includes(simulation.test)) continue;
    const routed = new RoutedGateway(simulation.config, {
      namespace: 'istio-system',
      labels: 'istio=ingressgateway,app=istio-ingressgateway',
    });
    for (const { name, call, result } of simulation.calls.filter(isInScope)) {
      rows++;
      const decision = routed.decide({
        port: call.Port,
        authority: call.HostHeader ?? '',
        path: call.Path ?? '/',
      });
      t.strictSame(differences(result, decision), [], `${simulation.name}: ${name}`);
    }
  }
  t.equal(rows, expectedRows);
});

function isInScope({ call }: Call): boolean {
  return call.Protocol === 'http' && call.TLS === undefined;
}

function differences(result: Call['result'], decision: Decision): string[] {
  const wrong: string[] = [];
  const compare = (what: string, wanted?: string, actual?: string | null) => {
    if (wanted !== undefined && wanted !== actual) wrong.push(`${what} ${actual}, not ${wanted}`);
  };
  if ((result.Error ?? null) !== errorOf(decision)) {
    wrong.push(`${errorOf(decision)}, not ${result.Error}`);
  }
  compare('virtual host', result.VirtualHostMatched, decision.virtualHost);
  compare('route table', result.RouteConfigMatched, decision.table);
  compare('cluster', withoutDomain(result.ClusterMatched), withoutDomain(decision.cluster));
  return wrong;
}

/** The simulation's words for a request that reaches no cluster. */
function errorOf(decision: Decision): string | null {
  if (decision.listener === null) return 'ErrNoListener';
  if (decision.virtualHost === null) return 'ErrNoVirtualHost';
  if (decision.status === 404) return 'ErrNoRoute';
  return decision.status === 301 ? 'ErrTLSRedirect' : null;
}

/** The simulation runs without a domain for short names. */
function withoutDomain(cluster: string | null | undefined): string | undefined {
  return cluster?.replace('.svc.cluster.local', '');
}
