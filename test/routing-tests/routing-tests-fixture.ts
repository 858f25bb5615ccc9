/** Runs test cases, written as YAML, against rules, written as YAML. */

import assert from 'node:assert/strict';
import { loadXxHash64 } from '../../src/base/xxhash64.ts';
import { readTests } from '../../src/routing-tests/read-tests.ts';
import { RoutingConfig } from '../../src/routing-tests/routing-config.ts';
import { runTests, type TestReport } from '../../src/routing-tests/run-tests.ts';

const hash64 = await loadXxHash64();

export function routingConfig(text: string): RoutingConfig {
  const loaded = RoutingConfig.load([{ path: 'rules.yaml', text }], {}, hash64);
  assert(loaded.ok, JSON.stringify(!loaded.ok && loaded.error));
  return loaded.value;
}

export function runYaml(rules: string, tests: string): TestReport {
  const read = readTests([{ path: 'tests.yaml', text: tests }], new Set());
  assert.deepEqual(read.findings, []);
  return runTests(read.tests, routingConfig(rules));
}

/** `field: expected, actual` of one test case; its message where nothing is compared. */
export function failuresOf(rules: string, testCase: string): string[] {
  const report = runYaml(rules, `testCases:\n- description: it\n${testCase.replace(/^/gm, '  ')}`);
  return report.results.flatMap(({ failures }) =>
    failures.flatMap(({ differences, message }) =>
      differences.length === 0
        ? [message]
        : differences.map(({ field, expected, actual }) => `${field}: ${expected}, ${actual}`),
    ),
  );
}

export function service(name: string, port = 80): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {ports: [{name: http, port: ${port}}]}
---
`;
}

/** Of the mesh, unless the spec says otherwise. */
export function virtualService(name: string, spec: string): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}}
spec:
${spec.trimEnd().replace(/^/gm, '  ')}
---
`;
}
