import t from 'tap';
import type { RetryPolicy } from '../../../src/model/retry-policy.ts';
import { takeRetryPolicy } from '../../../src/proxy/retry/request-retry-policy.ts';
import { headerList } from '../../support/header-lists.ts';
import { retryPolicy } from '../../support/mesh-models.ts';

type Fields = Readonly<Record<string, string>>;

function policyOf(fields: Fields, route: RetryPolicy | null = null, perTryMs = 0) {
  return takeRetryPolicy(headerList(fields), route, perTryMs);
}

/** Statuses that are tried again. */
function retried(fields: Fields, route: RetryPolicy | null = null): number[] {
  const policy = policyOf(fields, route);
  return [200, 404, 409, 418, 500, 503].filter(
    (status) => policy?.retriesResponse(status, headerList()) === true,
  );
}

t.test('conditions of the request join those of the route', async (t) => {
  const route = retryPolicy({ retryOn: ['retriable-4xx'], numRetries: 2 });
  t.same(retried({}, route), [409]);
  t.same(retried({ 'x-envoy-retry-on': '5xx' }, route), [409, 500, 503]);
  t.same(retried({ 'x-envoy-retry-on': 'connect-failure, gateway-error' }), [503]);
  t.same(retried({ 'x-envoy-retry-on': 'nothing,5XX' }), [], 'unknown words say nothing');
  t.match(policyOf({ 'x-envoy-retry-on': '5xx' }, route)?.policy, { numRetries: 2 });
});

t.test('gRPC conditions have a field of their own', async (t) => {
  const unavailable = headerList({ 'grpc-status': '14' });
  const grpc = policyOf({ 'x-envoy-retry-grpc-on': 'unavailable,cancelled' });
  t.equal(grpc?.retriesResponse(200, unavailable), true);
  t.equal(policyOf({ 'x-envoy-retry-on': 'unavailable' }), null);
  t.equal(policyOf({ 'x-envoy-retry-grpc-on': '5xx' }), null);
});

t.test('a route without retries makes one if the request names a condition', async (t) => {
  t.match(policyOf({ 'x-envoy-retry-on': '5xx' })?.policy, { numRetries: 1 });
  t.equal(policyOf({}), null);
  t.equal(policyOf({ 'x-envoy-max-retries': '3' }), null);
});

t.test('the number of retries', async (t) => {
  const times = (value: string): number | undefined =>
    policyOf({ 'x-envoy-retry-on': '5xx', 'x-envoy-max-retries': value })?.policy.numRetries;
  t.equal(times('3'), 3);
  t.equal(times('0'), 0);
  for (const bad of ['', 'x', '-1', '1.5']) t.equal(times(bad), 1, `"${bad}" is no number`);
});

t.test('status codes count where the condition is there', async (t) => {
  const codes = { 'x-envoy-retriable-status-codes': '418, 200,x' };
  t.same(retried(codes), []);
  t.same(retried({ ...codes, 'x-envoy-retry-on': 'retriable-status-codes' }), [200, 418]);
  const route = retryPolicy({ retryOn: ['retriable-status-codes'], retriableStatusCodes: [404] });
  t.same(retried(codes, route), [200, 404, 418]);
});

t.test('so do names of response headers', async (t) => {
  const names = { 'x-envoy-retriable-header-names': 'X-Again, x-other' };
  t.equal(policyOf(names), null);
  const policy = policyOf({ ...names, 'x-envoy-retry-on': 'retriable-headers' });
  t.equal(policy?.retriesResponse(200, headerList({ 'x-again': '' })), true);
  t.equal(policy?.retriesResponse(500, headerList()), false);
});

t.test('a limit for each try needs no condition', async (t) => {
  t.match(policyOf({}, null, 300)?.policy, { perTryTimeoutMs: 300 });
});

t.test('the fields end here, whatever they say', async (t) => {
  const headers = headerList({
    'x-envoy-retry-on': '5xx',
    'x-envoy-retry-grpc-on': 'x',
    'x-envoy-max-retries': 'x',
    'x-envoy-retriable-status-codes': 'x',
    'x-envoy-retriable-header-names': 'x',
    'x-envoy-hedge-on-per-try-timeout': 'true',
    'x-envoy-upstream-stream-duration-ms': '900',
    'x-own': '1',
  });
  takeRetryPolicy(headers, null, 0);
  t.same(headers.flat, ['x-own', '1']);
});
