import t from 'tap';
import { resources } from '../../../src/admin/api/resources.ts';
import type { RunningState } from '../../../src/admin/running-state.ts';
import type { Finding } from '../../../src/config/finding.ts';
import type { LoadedResource } from '../../../src/runtime/loaded-resources.ts';

function gateway(group: string, line: number): LoadedResource {
  const named = { kind: 'Gateway', group, namespace: 'default', name: 'twin' };
  return { ...named, file: 'a.yaml', line, status: 'accepted', conditions: [], parts: [] };
}

function finding(line: number, file = 'a.yaml'): Finding {
  const place = { file, line, column: 1, path: 'spec', resource: 'Gateway default/twin' };
  return { code: 'SLC0032', severity: 'error', message: `at ${line}`, hint: null, ...place };
}

t.test('a finding is of the resource in whose lines it is, where two have one label', async (t) => {
  const all = [gateway('networking.istio.io', 1), gateway('gateway.networking.k8s.io', 10)];
  const findings = [finding(3), finding(12), finding(2, 'b.yaml')];
  // Of the state nothing else is used.
  const state = { resources: () => all, config: () => ({ findings }) };
  const request = { variables: {} } as unknown as Parameters<typeof resources.handle>[0];
  const answer = await resources.handle(request, state as unknown as RunningState);
  const list = JSON.parse(String(answer.body)).resources as {
    group: string;
    findings: Finding[];
  }[];
  t.strictSame(
    list.map((one) => `${one.group}: ${one.findings.map(({ message }) => message).join(', ')}`),
    ['networking.istio.io: at 3, at 2', 'gateway.networking.k8s.io: at 12'],
  );
});
