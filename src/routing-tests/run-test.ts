/** Runs one test case: walks each of its requests, and compares what is found with what is expected. */

import { err, ok, type Result } from '../base/result.ts';
import { type AskedRequest, readAskedRequest } from '../explain/asked-request.ts';
import { explainWalk } from '../explain/explain-request.ts';
import type { Explanation } from '../explain/explanation.ts';
import { type Walk, walkRequest } from '../explain/walk-request.ts';
import type { Route } from '../model/route.ts';
import { actualOf } from './actual.ts';
import { compare } from './compare.ts';
import type { Difference } from './difference.ts';
import { findEntry } from './find-entry.ts';
import { localStatus } from './local-status.ts';
import type { PlacedTest } from './read-tests.ts';
import type { RoutingConfig } from './routing-config.ts';
import type { Expectation, TestCase } from './schema.ts';
import {
  describeRequest,
  maxRequests,
  requestCount,
  type SingleRequest,
  singleRequests,
} from './test-request.ts';
import { compareUpstream } from './upstream.ts';

/** A request that did not go as expected. */
export interface Failure {
  /** In a line; empty where there is none. */
  readonly request: string;
  /** Empty where it could not be tried, or went as it must not. */
  readonly differences: readonly Difference[];
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** null: there was nothing to walk through. */
  readonly explanation: Explanation | null;
}

export interface TestResult {
  readonly test: PlacedTest;
  readonly requests: number;
  readonly failures: readonly Failure[];
}

/** Failures that are kept of one test case: they are mostly alike. */
const maxFailures = 20;

/** Routes that decided are added to `reached`. */
export function runTest(
  placed: PlacedTest,
  config: RoutingConfig,
  reached: Set<Route>,
): TestResult {
  const { request } = placed.test;
  const count = requestCount(request);
  if (count === 0 || count > maxRequests) {
    const limit = `its lists make ${count} requests; at most ${maxRequests} are tried`;
    const message = count === 0 ? 'a list of its request is empty: nothing is tried' : limit;
    return { test: placed, requests: 0, failures: [untried('', message)] };
  }
  const failures: Failure[] = [];
  for (const single of singleRequests(request)) {
    const failure = tryRequest(single, placed.test, { config, reached });
    if (failure !== null && failures.length < maxFailures) failures.push(failure);
  }
  return { test: placed, requests: count, failures };
}

interface Context {
  readonly config: RoutingConfig;
  readonly reached: Set<Route>;
}

function tryRequest(request: SingleRequest, test: TestCase, context: Context): Failure | null {
  const tried = walk(request, context.config);
  if (!tried.ok) return untried(describeRequest(request), tried.error);
  const { walked, explain } = tried.value;
  const route = walked.route?.route ?? null;
  if (route !== null) context.reached.add(route);
  const { wantMatch = true, description: _, request: __, ...expected } = test;
  const isOpen = Object.values(expected).every((value) => value === undefined);
  const isFound = isConfigured(walked);
  const differences = isOpen ? [] : allDifferences(expected, tried.value, context.config);
  const isAsExpected = isOpen ? isFound : differences.length === 0;
  if (isAsExpected === wantMatch) return null;
  return {
    request: describeRequest(request),
    differences: wantMatch ? differences : [],
    message: messageFor(wantMatch, isOpen, walked),
    explanation: explain(),
  };
}

function messageFor(wantMatch: boolean, isOpen: boolean, walked: Walk): string {
  if (isOpen) return wantMatch ? 'no route is found' : `${routeText(walked)} is found`;
  if (!wantMatch) return 'it is as described, and must not be';
  return isConfigured(walked) ? `${routeText(walked)} decides` : 'no route is found';
}

function routeText({ route }: Walk): string {
  if (route === null) return 'a route';
  const { name, origin } = route.route;
  const place = origin.file === '' ? '' : ` (${origin.file}:${origin.line})`;
  return `route ${name === '' ? `${route.position}` : `"${name}"`} of ${origin.kind} ${origin.namespace}/${origin.name}${place}`;
}

/** What the proxy does with hosts that nothing knows is no route of the configuration. */
function isConfigured({ route, outcome }: Walk): boolean {
  return outcome === 'redirected-to-https' || (route !== null && route.route.origin.kind !== '');
}

interface Tried {
  readonly walked: Walk;
  readonly explain: () => Explanation;
}

function walk(request: SingleRequest, config: RoutingConfig): Result<Tried, string> {
  const entry = findEntry(config, request);
  if (!entry.ok) return entry;
  const { proxy, listener, scheme } = entry.value;
  const asked = ask(request, scheme, listener.name);
  if (!asked.ok) return asked;
  const walked = walkRequest(proxy.compiled, asked.value);
  if (!walked.ok) return walked;
  const explain = (): Explanation => explainWalk(proxy.compiled, walked.value);
  return ok({ walked: walked.value, explain });
}

function ask(
  request: SingleRequest,
  scheme: 'http' | 'https',
  listener: string,
): Result<AskedRequest, string> {
  const { method, authority, uri, headers, sourceAddress: clientAddress } = request;
  if (!/^[^/?#@\s]+$/.test(authority)) {
    return err(`the authority is a host, with a port if need be, not "${authority}"`);
  }
  return readAskedRequest({
    method,
    url: `${scheme}://${authority}${uri.startsWith('/') ? uri : `/${uri}`}`,
    headers: headers.map(([name, value]) => `${name}: ${value}`),
    listener,
    clientAddress,
  });
}

function allDifferences(
  expected: Expectation,
  { walked, explain }: Tried,
  config: RoutingConfig,
): readonly Difference[] {
  const { status, location, upstream, endpoint } = expected;
  const rule = actualOf(walked, (name) => config.delegates.has(name));
  const asksMore = [location, upstream, endpoint].some((field) => field !== undefined);
  const explanation = asksMore ? explain() : null;
  const found: Expectation = {
    ...rule,
    ...(status === undefined ? {} : localStatus(walked)),
    ...(explanation?.location == null ? {} : { location: explanation.location }),
  };
  return [...compare(expected, found), ...compareUpstream(expected, explanation)];
}

function untried(request: string, message: string): Failure {
  return { request, differences: [], message, explanation: null };
}
