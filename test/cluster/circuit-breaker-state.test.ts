import fc from 'fast-check';
import t from 'tap';
import { CircuitBreakerState } from '../../src/cluster/circuit-breaker-state.ts';
import { ClusterStats } from '../../src/cluster/cluster-stats.ts';
import type { CircuitBreaker } from '../../src/model/cluster-policy.ts';

function create(overrides: Partial<CircuitBreaker> = {}) {
  const stats = new ClusterStats();
  const limits = {
    maxConnections: 2,
    maxPendingRequests: 2,
    maxRequests: 2,
    maxRetries: 2,
    retryBudget: null,
    ...overrides,
  };
  return { stats, breaker: new CircuitBreakerState(limits, stats) };
}

t.test('requests are admitted up to the limit, and again when one is done', async (t) => {
  const { stats, breaker } = create();
  t.same(
    [1, 2, 3].map(() => breaker.tryRequest()),
    [true, true, false],
  );
  t.ok(breaker.requestsOpen);
  t.equal(stats.upstreamRqPendingOverflow, 1);
  t.equal(stats.upstreamRqActive, 2);
  breaker.requestDone();
  t.notOk(breaker.requestsOpen);
  t.ok(breaker.tryRequest());
  t.equal(stats.upstreamRqTotal, 3);
});

t.test('waiting requests are admitted up to the limit', async (t) => {
  const { stats, breaker } = create();
  t.same(
    [1, 2, 3].map(() => breaker.tryPend()),
    [true, true, false],
  );
  t.equal(stats.upstreamRqPendingOverflow, 1);
  t.equal(stats.upstreamRqPendingTotal, 2);
  breaker.pendingDone();
  t.equal(stats.upstreamRqPendingActive, 1);
  t.ok(breaker.tryPend());
});

t.test('connections are admitted up to the limit, but for the first of an endpoint', async (t) => {
  const { stats, breaker } = create();
  t.same(
    [1, 2, 3].map(() => breaker.tryOpenConnection()),
    [true, true, false],
  );
  t.equal(stats.upstreamCxOverflow, 1);
  breaker.openConnection();
  t.equal(breaker.connections, 3);
  breaker.connectFailed(true);
  for (let count = 0; count < 3; count++) breaker.connectionClosed(count > 0, count > 1);
  t.equal(breaker.connections, 0);
  t.match(stats, {
    upstreamCxTotal: 3,
    upstreamCxActive: 0,
    upstreamCxDestroy: 3,
    upstreamCxDestroyLocal: 1,
    upstreamCxDestroyRemote: 2,
    upstreamCxDestroyWithActiveRq: 1,
    upstreamCxDestroyLocalWithActiveRq: 0,
    upstreamCxDestroyRemoteWithActiveRq: 1,
    upstreamCxConnectFail: 1,
    upstreamCxConnectTimeout: 1,
  });
});

t.test('retries are admitted up to the limit', async (t) => {
  const { stats, breaker } = create();
  t.same(
    [1, 2, 3].map(() => breaker.tryRetry()),
    [true, true, false],
  );
  t.match(stats, { upstreamRqRetry: 2, upstreamRqRetryOverflow: 1 });
  breaker.retryDone();
  t.equal(breaker.retries, 1);
});

t.test('a retry budget is a share of what is active, but never below its minimum', async (t) => {
  const { breaker } = create({
    maxRequests: 1_000,
    maxRetries: 0,
    retryBudget: { percent: 25, minRetryConcurrency: 1 },
  });
  t.ok(breaker.tryRetry());
  t.notOk(breaker.tryRetry(), 'the minimum is used up');
  for (let count = 0; count < 11; count++) breaker.tryRequest();
  t.ok(breaker.tryRetry(), '25 % of 11 is two');
  t.notOk(breaker.tryRetry());
  breaker.tryPend();
  t.ok(breaker.tryRetry(), 'waiting requests count too');
});

t.test('a budget never lets more retries run than its share or its minimum', async () => {
  const steps = fc.array(
    fc.constantFrom('request', 'requestDone', 'pend', 'pendDone', 'retry', 'retryDone'),
    { maxLength: 200 },
  );
  const budgets = fc.record({
    percent: fc.oneof(
      fc.integer({ min: 0, max: 100 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
    ),
    minRetryConcurrency: fc.nat({ max: 5 }),
  });
  const property = fc.property(budgets, steps, (retryBudget, taken) => {
    const { breaker } = create({ maxRequests: 50, maxPendingRequests: 50, retryBudget });
    for (const step of taken) {
      if (step === 'request') breaker.tryRequest();
      else if (step === 'pend') breaker.tryPend();
      else if (step === 'requestDone' && breaker.requests > 0) breaker.requestDone();
      else if (step === 'pendDone' && breaker.pending > 0) breaker.pendingDone();
      else if (step === 'retryDone' && breaker.retries > 0) breaker.retryDone();
      else if (step === 'retry') {
        const before = breaker.retries;
        const share = (retryBudget.percent / 100) * (breaker.requests + breaker.pending);
        const limit = Math.max(Math.floor(share), retryBudget.minRetryConcurrency);
        // Requests that end meanwhile lower the limit; retries under way are not taken back.
        if (breaker.tryRetry() !== before < limit) return false;
        if (breaker.retries !== (before < limit ? before + 1 : before)) return false;
      }
    }
    return true;
  });
  fc.assert(property, { numRuns: 500 });
});
