import t from 'tap';
import type { ProbeOutcome } from '../../../src/cluster/health/health-probe.ts';
import type { HealthCheck } from '../../../src/model/health-check.ts';
import { endpointModel, endpointModels, outlierDetection } from '../../support/cluster-models.ts';
import { anyEndpoint, endpointAt } from '../cluster-fixture.ts';
import { availablePorts, HealthFixture, healthCheck } from './health-fixture.ts';

const one = { endpoints: endpointModels(1) };

t.test('nothing is sent to an endpoint before its first check, which decides alone', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.create();
  t.same(fixture.prober.ports, [1, 2, 3], 'they are all checked at once');
  t.equal(cluster.chooseEndpoint(anyEndpoint), null);
  const settled = cluster.warmUp();
  fixture.prober.answer('success', 1);
  fixture.prober.answer('timeout', 2);
  t.same(availablePorts(cluster), [1]);
  t.same([...fixture.tally(cluster, 20).keys()], [1]);
  fixture.prober.answer('network-failure', 3);
  await settled;
  t.equal(cluster.warmUp(), null);
  t.same(fixture.events, [
    '1 first-check-passed',
    '2 first-check-failed timeout',
    '3 first-check-failed network-failure',
  ]);
  t.equal(cluster.stats.healthCheckHealthy, 1);
  t.equal(cluster.membershipHealthy, 1);
});

/** Settings, results after the first, which is a success, and whether it is healthy then. */
const turns: readonly (readonly [string, Partial<HealthCheck>, ProbeOutcome[], boolean])[] = [
  ['one lost connection is not enough', {}, ['network-failure'], true],
  ['as many as the threshold are', {}, ['network-failure', 'timeout'], false],
  ['a success starts anew', {}, ['timeout', 'success', 'timeout'], true],
  ['an answer that says so is enough at once', {}, ['failure'], false],
  ['unless its status may be tried again', {}, ['retriable-failure'], true],
  ['which counts like a lost connection', {}, ['retriable-failure', 'timeout'], false],
  ['one success does not bring it back', {}, ['failure', 'success'], false],
  ['as many as the threshold do', {}, ['failure', 'success', 'success'], true],
  ['a failure starts anew', {}, ['failure', 'success', 'timeout', 'success'], false],
  ['or one, if so configured', { healthyThreshold: 1 }, ['failure', 'success'], true],
];

for (const [name, settings, outcomes, healthy] of turns) {
  t.test(name, async (t) => {
    const fixture = new HealthFixture();
    const cluster = fixture.createHealthy({ ...one, healthCheck: healthCheck(settings) });
    for (const outcome of outcomes) {
      fixture.timers.advance(10_000);
      fixture.prober.answer(outcome);
    }
    t.equal(endpointAt(cluster, 1).available, healthy);
    t.equal(cluster.stats.healthCheckHealthy, Number(healthy));
    t.equal(cluster.stats.healthCheckAttempt, outcomes.length + 1);
    const failures = outcomes.filter((outcome) => outcome !== 'success');
    t.equal(cluster.stats.healthCheckFailure, failures.length);
    t.equal(cluster.stats.healthCheckSuccess, outcomes.length + 1 - failures.length);
  });
}

t.test('failures of the connection are counted apart', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.create();
  fixture.prober.answer('timeout', 1);
  fixture.prober.answer('network-failure', 2);
  fixture.prober.answer('failure', 3);
  t.equal(cluster.stats.healthCheckFailure, 3);
  t.equal(cluster.stats.healthCheckNetworkFailure, 2);
  t.ok(endpointAt(cluster, 1).checkTimedOut);
  t.notOk(endpointAt(cluster, 2).checkTimedOut);
});

/** What the last check found, and after how long the next one is made. */
const intervals: readonly (readonly [string, ProbeOutcome[], boolean, number])[] = [
  ['healthy', ['success'], true, 1_000],
  ['failed, but not often enough', ['success', 'timeout'], true, 3_000],
  ['unhealthy', ['success', 'failure'], true, 2_000],
  ['succeeded, but not often enough', ['success', 'failure', 'success'], true, 4_000],
  ['without traffic and healthy', ['success'], false, 6_000],
  ['without traffic and unhealthy', ['failure'], false, 5_000],
];

for (const [name, outcomes, traffic, expected] of intervals) {
  t.test(`the interval when ${name}`, async (t) => {
    const fixture = new HealthFixture();
    const settings = healthCheck({
      intervalMs: 1_000,
      unhealthyIntervalMs: 2_000,
      unhealthyEdgeIntervalMs: 3_000,
      healthyEdgeIntervalMs: 4_000,
      noTrafficIntervalMs: 5_000,
      noTrafficHealthyIntervalMs: 6_000,
    });
    const cluster = fixture.create({ ...one, healthCheck: settings });
    if (traffic) cluster.stats.upstreamCxTotal = 1;
    for (const outcome of outcomes) {
      if (fixture.prober.pending.size === 0) fixture.timers.advance(10_000);
      fixture.prober.answer(outcome);
    }
    fixture.timers.advance(expected - 10);
    t.same(fixture.prober.ports, []);
    fixture.timers.advance(20);
    t.same(fixture.prober.ports, [1]);
  });
}

t.test('jitter spreads the checks of many endpoints', async (t) => {
  const fixture = new HealthFixture();
  const many = { endpoints: endpointModels(1_000) };
  fixture.create({
    ...many,
    healthCheck: healthCheck({ initialJitterMs: 1_000, intervalJitterPercent: 10 }),
  });
  t.equal(fixture.prober.pending.size, 0, 'the first ones wait, too');
  const perTick: number[] = [];
  for (let tick = 0; tick < 10; tick++) {
    fixture.timers.advance(101);
    perTick.push(fixture.prober.pending.size);
    fixture.prober.answer('success');
  }
  t.equal(
    perTick.reduce((sum, count) => sum + count, 0),
    1_000,
  );
  t.ok(Math.max(...perTick) < 150, `at most ${Math.max(...perTick)} at a time`);
  fixture.timers.advance(8_980);
  t.equal(fixture.prober.pending.size, 0, 'an interval is never shorter than configured');
  fixture.timers.advance(2_200);
  t.equal(fixture.prober.pending.size, 1_000);
});

t.test('an endpoint that comes back warms up again', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.createHealthy({ healthCheck: healthCheck({ healthyThreshold: 1 }) });
  const first = endpointAt(cluster, 1);
  const addedAt = first.addedAt;
  for (const [outcome, expected] of [
    ['success', addedAt],
    ['failure', addedAt],
    ['success', addedAt + 30_000],
  ] as const) {
    fixture.timers.advance(10_000);
    fixture.prober.answer(outcome);
    t.ok(Math.abs(first.addedAt - expected) <= 30, outcome);
  }
});

t.test('connections to an endpoint that turns are drained', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.createHealthy();
  const drained: number[] = [];
  for (const endpoint of cluster.endpoints) {
    endpoint.connections = { drain: () => drained.push(endpoint.port) };
  }
  fixture.timers.advance(10_000);
  fixture.prober.answer('failure', 2);
  fixture.prober.answer('success');
  t.same(drained, [2]);
});

t.test('a passed check ends an ejection', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.createHealthy({ outlierDetection: outlierDetection() });
  for (let count = 0; count < 5; count++) cluster.onResponse(endpointAt(cluster, 1), 503);
  t.same(availablePorts(cluster), [2, 3]);
  fixture.timers.advance(10_000);
  fixture.prober.answer('success');
  t.same(availablePorts(cluster), [1, 2, 3]);
  t.equal(cluster.stats.ejectionsActive, 0);
});

t.test('a check that passes while the endpoint stays unhealthy does not', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.createHealthy({ outlierDetection: outlierDetection() });
  const first = endpointAt(cluster, 1);
  for (let count = 0; count < 5; count++) cluster.onResponse(first, 503);
  fixture.timers.advance(10_000);
  fixture.prober.answer('failure');
  fixture.timers.advance(10_000);
  fixture.prober.answer('success');
  t.ok(first.ejected, 'one of two successes');
  t.ok(first.unhealthy);
  fixture.timers.advance(10_000);
  fixture.prober.answer('success');
  t.ok(first.available);
});

t.test('an answer to a request can fail an endpoint at once', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.createHealthy({ panicThresholdPercent: 60 });
  cluster.onImmediateHealthCheckFail(endpointAt(cluster, 1));
  cluster.onImmediateHealthCheckFail(endpointAt(cluster, 1));
  t.same(availablePorts(cluster), [2, 3]);
  t.equal(cluster.stats.healthCheckPassiveFailure, 2);
  t.same(fixture.events.slice(3), ['1 unhealthy x-envoy-immediate-health-check-fail']);
  fixture.timers.advance(10_000);
  fixture.prober.answer('failure', 2);
  fixture.prober.answer('success');
  t.same([...fixture.tally(cluster, 100).keys()].sort(), [1, 2, 3], 'one of two: a panic');
  fixture.timers.advance(10_000);
  fixture.prober.answer('success');
  t.notOk(endpointAt(cluster, 1).excluded);
  t.same(availablePorts(cluster), [1, 3]);
});

t.test('an excluded endpoint does not count as one that is missing', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.createHealthy({ panicThresholdPercent: 100 });
  cluster.onImmediateHealthCheckFail(endpointAt(cluster, 1));
  t.same([...fixture.tally(cluster, 100).keys()].sort(), [2, 3], 'two of two are healthy');
});

t.test('a lower priority takes over from endpoints that fail their checks', async (t) => {
  const fixture = new HealthFixture();
  const endpoints = [1, 2].map((port) => endpointModel(port, { priority: port - 1 }));
  const cluster = fixture.createHealthy({ endpoints });
  t.same([...fixture.tally(cluster, 20).keys()], [1]);
  fixture.timers.advance(10_000);
  fixture.prober.answer('failure', 1);
  fixture.prober.answer('success');
  t.same([...fixture.tally(cluster, 20).keys()], [2]);
});

t.test('a reload keeps what is known, and checks only what is new', async (t) => {
  const fixture = new HealthFixture();
  const before = fixture.createHealthy();
  fixture.timers.advance(10_000);
  fixture.prober.answer('failure', 2);
  fixture.prober.answer('timeout', 1);
  fixture.prober.answer('success');
  const after = fixture.create({ endpoints: endpointModels(4) }, before);
  t.same(fixture.prober.ports, [4]);
  t.same(availablePorts(after), [1, 3]);
  t.equal(endpointAt(after, 2), endpointAt(before, 2));
  fixture.prober.answer('success');
  before.retire(after);
  fixture.timers.advance(10_000);
  fixture.prober.answer('timeout', 1);
  t.same(availablePorts(after), [3, 4], 'the failure before the reload counts');
});

t.test('an endpoint that leaves stays out for the configuration before', async (t) => {
  const fixture = new HealthFixture();
  const before = fixture.createHealthy();
  fixture.timers.advance(10_000);
  fixture.prober.answer('failure', 1);
  fixture.create({ endpoints: [endpointModel(2)] }, before);
  t.same(availablePorts(before), [2, 3]);
});

t.test('other settings apply at once, to what is known', async (t) => {
  const fixture = new HealthFixture();
  const before = fixture.createHealthy(one);
  const changed = healthCheck({ timeoutMs: 5_000 });
  const after = fixture.create({ ...one, healthCheck: changed }, before);
  t.same(
    [...fixture.prober.pending].map(({ check }) => check),
    [changed],
  );
  t.same(availablePorts(after), [1], 'it was healthy before');
});

t.test('checks that begin later decide at once, but not before they have a result', async (t) => {
  const fixture = new HealthFixture();
  const before = fixture.create({ healthCheck: null });
  t.equal(fixture.timers.size, 0, 'no timer without checks');
  const after = fixture.create({}, before);
  t.same(availablePorts(after), [1, 2, 3]);
  fixture.prober.answer('timeout', 1);
  t.same(availablePorts(after), [2, 3]);
});

t.test('a reload without checks lets everyone back in', async (t) => {
  const fixture = new HealthFixture();
  const before = fixture.create();
  fixture.prober.answer('failure');
  const after = fixture.create({ healthCheck: null }, before);
  t.same(availablePorts(after), [1, 2, 3]);
  fixture.timers.advance(60_000);
  t.equal(fixture.prober.pending.size, 0);
  t.equal(after.stats.healthCheckHealthy, 0);
});

t.test('what left is not checked any more, and starts anew if it comes back', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.createHealthy();
  fixture.timers.advance(10_000);
  cluster.updateEndpoints([endpointModel(1)]);
  t.same(fixture.prober.ports, [1], 'a check under way is given up');
  t.equal(cluster.stats.healthCheckHealthy, 1);
  fixture.prober.answer('success');
  cluster.updateEndpoints(endpointModels(2));
  t.same(fixture.prober.ports, [2]);
  t.same(availablePorts(cluster), [1], 'the new one waits for its check');
});

t.test('discovery that replaces all endpoints leaves no moment without any', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.createHealthy(one);
  cluster.updateEndpoints([endpointModel(8), endpointModel(9)]);
  t.same(availablePorts(cluster), [8, 9]);
  fixture.prober.answer('timeout', 8);
  t.same(availablePorts(cluster), [9], 'the first check decides');
});

t.test('a late answer of discovery for the cluster before changes nothing', async (t) => {
  const fixture = new HealthFixture();
  const before = fixture.createHealthy();
  const after = fixture.create({}, before);
  before.updateEndpoints([endpointModel(9)]);
  t.same(fixture.prober.ports, []);
  fixture.timers.advance(10_000);
  t.same(fixture.prober.ports, [1, 2, 3]);
  t.equal(after.endpoints.length, 3);
});

t.test('a cluster that is to come checks only what is new, by its own settings', async (t) => {
  const fixture = new HealthFixture();
  const before = fixture.createHealthy();
  const changed = healthCheck({ timeoutMs: 5_000 });
  const overrides = { healthCheck: changed, endpoints: endpointModels(4) };
  const next = fixture.prepare(overrides, before);
  t.same(fixture.prober.ports, [], 'building a cluster checks nothing');
  const settled = next.warmUp();
  t.same(
    [...fixture.prober.pending].map(({ port, check }) => [port, check]),
    [[4, changed]],
  );
  fixture.prober.answer('success');
  await settled;
  t.same(availablePorts(before), [1, 2, 3]);
  next.adopt(before);
  t.same(fixture.prober.ports, [1, 2, 3], 'the others have other settings now');
  t.same(availablePorts(next), [1, 2, 3, 4]);
});

t.test('endpoints that serve without checks are not checked before the change', async (t) => {
  const fixture = new HealthFixture();
  const before = fixture.create({ healthCheck: null });
  const next = fixture.prepare({}, before);
  t.equal(next.warmUp(), null, 'there is nothing to wait for');
  t.same(fixture.prober.ports, []);
  next.adopt(before);
  t.same(fixture.prober.ports, [1, 2, 3]);
});

t.test('checks end with their cluster', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.createHealthy();
  fixture.timers.advance(10_000);
  t.equal(fixture.prober.pending.size, 3);
  cluster.retire(null);
  t.equal(fixture.prober.pending.size, 0);
  fixture.timers.advance(60_000);
  t.equal(fixture.prober.pending.size, 0);
});
