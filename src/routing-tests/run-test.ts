/** Runs one test case: tries each of its requests or connections, and judges what is found. */

import type { Result } from '../base/result.ts';
import type { ConnectionExplanation } from '../explain/connection-explanation.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { Origin } from '../model/origin.ts';
import type { Difference } from './difference.ts';
import type { PlacedTest } from './read-tests.ts';
import type { RoutingConfig } from './routing-config.ts';
import type { TestCase } from './schema.ts';
import { connectionProblem, describeConnection, singleConnections } from './test-connection.ts';
import {
  describeRequest,
  maxRequests,
  requestCount,
  requestProblem,
  singleRequests,
} from './test-request.ts';
import { tryConnection } from './try-connection.ts';
import { tryRequest } from './try-request.ts';
import type { TryResult } from './try-result.ts';

/** A request or connection that did not go as expected. */
export interface Failure {
  /** In a line; empty where there is none. */
  readonly request: string;
  /** Empty where it could not be tried, or went as it must not. */
  readonly differences: readonly Difference[];
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** null: there was nothing to walk through. */
  readonly explanation: Explanation | ConnectionExplanation | null;
}

export interface TestResult {
  readonly test: PlacedTest;
  readonly requests: number;
  readonly failures: readonly Failure[];
}

/** Failures that are kept of one test case: they are mostly alike. */
const maxFailures = 20;

/** Origins of what decided are added to `reached`. */
export function runTest(
  placed: PlacedTest,
  config: RoutingConfig,
  reached: Set<Origin>,
): TestResult {
  const { test } = placed;
  const problem = problemOf(test);
  if (problem !== null) return { test: placed, requests: 0, failures: [untried('', problem)] };
  const failures: Failure[] = [];
  for (const { text, tried } of attempts(test, config)) {
    if (tried.ok && tried.value.origin !== null) reached.add(tried.value.origin);
    const failure = tried.ok ? judge(text, test, tried.value) : untried(text, tried.error);
    if (failure !== null && failures.length < maxFailures) failures.push(failure);
  }
  return { test: placed, requests: requestCount(test.request), failures };
}

/** In a sentence; null: nothing is wrong. */
function problemOf({ request }: TestCase): string | null {
  const count = requestCount(request);
  if (count === 0) return 'a list of its request is empty: nothing is tried';
  if (count > maxRequests)
    return `its lists make ${count} requests; at most ${maxRequests} are tried`;
  return request.authority === undefined ? connectionProblem(request) : requestProblem(request);
}

interface Attempt {
  readonly text: string;
  readonly tried: Result<TryResult, string>;
}

function* attempts({ request }: TestCase, config: RoutingConfig): Generator<Attempt> {
  if (request.authority === undefined) {
    for (const connection of singleConnections(request)) {
      yield { text: describeConnection(connection), tried: tryConnection(connection, config) };
    }
    return;
  }
  for (const single of singleRequests(request)) {
    yield { text: describeRequest(single), tried: tryRequest(single, config) };
  }
}

/** null: it went as expected. */
function judge(request: string, test: TestCase, tried: TryResult): Failure | null {
  const { wantMatch = true, description: _, request: __, ...expected } = test;
  const isOpen = Object.values(expected).every((value) => value === undefined);
  const differences = isOpen ? [] : tried.differencesFrom(expected);
  const isAsExpected = isOpen ? tried.isConfigured : differences.length === 0;
  if (isAsExpected === wantMatch) return null;
  return {
    request,
    differences: wantMatch ? differences : [],
    message: messageFor(wantMatch, isOpen, tried),
    explanation: tried.explain(),
  };
}

function messageFor(
  wantMatch: boolean,
  isOpen: boolean,
  { route, isConfigured }: TryResult,
): string {
  const text = route ?? 'a route';
  if (isOpen) return wantMatch ? 'no route is found' : `${text} is found`;
  if (!wantMatch) return 'it is as described, and must not be';
  return isConfigured ? `${text} decides` : 'no route is found';
}

function untried(request: string, message: string): Failure {
  return { request, differences: [], message, explanation: null };
}
