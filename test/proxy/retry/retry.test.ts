import t from 'tap';
import type { RetryCondition, RetryPolicy } from '../../../src/model/retry-policy.ts';
import type { ProxyErrorCode } from '../../../src/proxy/proxy-error.ts';
import { CompiledRetryPolicy } from '../../../src/proxy/retry/retry.ts';
import { headerList } from '../../support/header-lists.ts';
import { retryPolicy } from '../../support/mesh-models.ts';

function policyOn(retryOn: readonly RetryCondition[], codes: readonly number[] = []) {
  const changes: Partial<RetryPolicy> = { retryOn, retriableStatusCodes: codes };
  return new CompiledRetryPolicy(retryPolicy(changes));
}

const statuses = [200, 302, 400, 404, 409, 429, 500, 501, 502, 503, 504, 511];

t.test('statuses that each condition retries', async (t) => {
  const expected: Readonly<Record<string, readonly number[]>> = {
    '5xx': [500, 501, 502, 503, 504, 511],
    'gateway-error': [502, 503, 504],
    'retriable-4xx': [409],
    reset: [],
    'reset-before-request': [],
    'connect-failure': [],
    'envoy-ratelimited': [],
    'refused-stream': [],
    'retriable-status-codes': [],
    'retriable-headers': [],
    cancelled: [],
    'deadline-exceeded': [],
    internal: [],
    'resource-exhausted': [],
    unavailable: [],
  };
  for (const [condition, wanted] of Object.entries(expected)) {
    const policy = policyOn([condition as RetryCondition]);
    const retried = statuses.filter((status) => policy.retriesResponse(status, headerList()));
    t.same(retried, wanted, condition);
  }
});

t.test('listed status codes are retried where the condition is there', async (t) => {
  const policy = policyOn(['retriable-status-codes'], [404, 503]);
  t.same(
    statuses.filter((status) => policy.retriesResponse(status, headerList())),
    [404, 503],
  );
  t.notOk(policyOn(['reset'], [503]).retriesResponse(503, headerList()));
});

t.test('a limited request is retried only where the policy says so', async (t) => {
  const limited = headerList({ 'x-envoy-ratelimited': 'true' });
  t.notOk(policyOn(['5xx']).retriesResponse(503, limited));
  t.notOk(policyOn(['retriable-status-codes'], [429]).retriesResponse(429, limited));
  t.ok(policyOn(['envoy-ratelimited']).retriesResponse(429, limited));
  t.notOk(policyOn(['envoy-ratelimited']).retriesResponse(429, headerList()));
});

t.test('gRPC statuses that each condition retries', async (t) => {
  const expected: readonly (readonly [RetryCondition, string])[] = [
    ['cancelled', '1'],
    ['deadline-exceeded', '4'],
    ['resource-exhausted', '8'],
    ['internal', '13'],
    ['unavailable', '14'],
  ];
  for (const [condition, wanted] of expected) {
    const policy = policyOn([condition]);
    const retried = Array.from({ length: 17 }, (_, code) => String(code)).filter((code) =>
      policy.retriesResponse(200, headerList({ 'grpc-status': code })),
    );
    t.same(retried, [wanted], condition);
    t.notOk(policy.retriesResponse(200, headerList()), `${condition} without a gRPC status`);
    const repeated = headerList({ 'grpc-status': wanted });
    repeated.append('grpc-status', '');
    t.ok(policy.retriesResponse(200, repeated), `${condition} with an empty line`);
    repeated.append('grpc-status', wanted);
    t.notOk(policy.retriesResponse(200, repeated), `${condition} said twice`);
  }
});

type FailureRow = readonly [
  condition: RetryCondition,
  connect: boolean,
  resetUnsent: boolean,
  resetSent: boolean,
  perTryTimeout: boolean,
];

const failureRows: readonly FailureRow[] = [
  ['5xx', true, true, true, true],
  ['gateway-error', true, true, true, true],
  ['reset', true, true, true, false],
  ['reset-before-request', true, true, false, false],
  ['connect-failure', true, false, false, false],
  ['refused-stream', false, false, false, false],
  ['retriable-4xx', false, false, false, false],
  ['retriable-status-codes', false, false, false, false],
  ['unavailable', false, false, false, false],
  ['cancelled', false, false, false, false],
];

t.test('failures that each condition retries', async (t) => {
  for (const [condition, connect, resetUnsent, resetSent, perTryTimeout] of failureRows) {
    const policy = policyOn([condition]);
    const check = (code: ProxyErrorCode, sent: boolean, wanted: boolean): void => {
      t.equal(policy.retriesFailure(code, sent), wanted, `${condition}: ${code}, sent ${sent}`);
    };
    check('connect-refused', false, connect);
    check('connect-timeout', false, connect);
    for (const code of ['reset', 'connection-termination', 'protocol-error'] as const) {
      check(code, false, resetUnsent);
      check(code, true, resetSent);
    }
    // Envoy counts a per-try timeout as a local reset, which is open for `reset` here.
    if (condition !== 'reset') check('per-try-timeout', true, perTryTimeout);
  }
});

t.test('what another try cannot mend is never tried again', async (t) => {
  const policy = policyOn(['5xx', 'gateway-error', 'reset', 'connect-failure'], [503, 504]);
  for (const code of ['overflow', 'no-healthy-upstream', 'no-cluster', 'route-timeout'] as const) {
    t.notOk(policy.retriesFailure(code, false), code);
  }
});
