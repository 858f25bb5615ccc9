/** Runs all test cases of some files against a configuration. */

import type { ResourceSet } from '../config/resource-set.ts';
import type { Origin } from '../model/origin.ts';
import { type Coverage, measureCoverage } from './coverage.ts';
import { madeRoutes } from './made-routes.ts';
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

function coverageOf(config: RoutingConfig, reached: ReadonlySet<Origin>): Coverage {
  const { resources } = config;
  const written = measureCoverage(resources.virtualServices, reached);
  if (!hasOthers(resources)) return written;
  // The gateway, so that routes count that no test has asked of.
  const meshes = new Set([config.gateway(), ...config.used()].map(({ mesh }) => mesh));
  const all = [...written.routes, ...madeRoutes([...meshes], reached)];
  return { routes: all, reached: all.filter(({ isReached }) => isReached).length };
}

function hasOthers({ ingresses, ...resources }: ResourceSet): boolean {
  const { httpRoutes, grpcRoutes, tlsRoutes, tcpRoutes } = resources;
  const others = [ingresses, httpRoutes, grpcRoutes, tlsRoutes, tcpRoutes];
  return others.some(({ length }) => length > 0);
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
    coverage: coverageOf(config, reached),
  };
}
