/** Runs all test cases of some files against a configuration. */

import type { Origin } from '../model/origin.ts';
import { type Coverage, measureCoverage } from './coverage.ts';
import type { PlacedTest } from './read-tests.ts';
import type { RoutingConfig } from './routing-config.ts';
import { runTest, type TestResult } from './run-test.ts';

export interface TestReport {
  readonly results: readonly TestResult[];
  readonly passed: number;
  readonly failed: number;
  /** Single requests and connections of all test cases. */
  readonly requests: number;
  readonly coverage: Coverage;
}

export function runTests(tests: readonly PlacedTest[], config: RoutingConfig): TestReport {
  const reached = new Set<Origin>();
  const results = tests.map((test) => runTest(test, config, reached));
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  return {
    results,
    passed: results.length - failed,
    failed,
    requests: results.reduce((sum, { requests }) => sum + requests, 0),
    coverage: measureCoverage(config.resources.virtualServices, reached),
  };
}
