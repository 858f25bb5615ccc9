import t from 'tap';
import type { LiveCluster } from '../../../src/cluster/live-cluster.ts';
import type { OutlierDetection } from '../../../src/model/cluster-policy.ts';
import { endpointModels, outlierDetection } from '../../support/cluster-models.ts';
import { ClusterFixture, endpointAt } from '../cluster-fixture.ts';
import { HealthFixture } from '../health/health-fixture.ts';

function create(overrides: Partial<OutlierDetection>, count = 2) {
  const fixture = new ClusterFixture();
  const cluster = fixture.create({
    endpoints: endpointModels(count),
    outlierDetection: outlierDetection(overrides),
  });
  return { fixture, cluster, first: endpointAt(cluster, 1) };
}

function respond(cluster: LiveCluster, port: number, statuses: readonly number[]): void {
  for (const status of statuses) cluster.onResponse(endpointAt(cluster, port), status);
}

/** Settings, statuses of the first endpoint, whether it is out then. */
const rows: readonly (readonly [string, Partial<OutlierDetection>, number[], boolean])[] = [
  ['enough 5xx in a row', { consecutive5xx: 2 }, [500, 503], true],
  ['a success starts anew', { consecutive5xx: 2 }, [500, 200, 500], false],
  ['4xx is a success', { consecutive5xx: 2 }, [500, 404, 500], false],
  ['0 switches 5xx off', { consecutive5xx: 0 }, [500, 500, 500, 500, 500, 500], false],
  ['gateway errors', { consecutiveGatewayErrors: 2 }, [502, 504], true],
  ['500 is no gateway error', { consecutiveGatewayErrors: 2 }, [503, 500, 503], false],
  ['505 is no gateway error', { consecutiveGatewayErrors: 2 }, [505, 505], false],
  ['codes of its own', { errorCodes: [429], consecutive5xx: 2 }, [429, 429], true],
  ['then 5xx is a success', { errorCodes: [429], consecutive5xx: 2 }, [429, 503, 429], false],
  [
    'and what is no 5xx is no gateway error',
    { errorCodes: [429], consecutive5xx: 0, consecutiveGatewayErrors: 2 },
    [429, 429],
    false,
  ],
  [
    'but 503 among them is',
    { errorCodes: [503], consecutive5xx: 0, consecutiveGatewayErrors: 2 },
    [503, 503],
    true,
  ],
];

for (const [name, settings, statuses, ejected] of rows) {
  t.test(name, async (t) => {
    const { cluster, first } = create(settings);
    respond(cluster, 1, statuses);
    t.equal(first.ejected, ejected);
  });
}

t.test('failures without a response count as 5xx and gateway errors', async (t) => {
  for (const kind of ['connect-failure', 'connect-timeout', 'reset', 'timeout'] as const) {
    for (const settings of [{ consecutive5xx: 2 }, { consecutiveGatewayErrors: 2 }]) {
      const { cluster, first } = create(settings);
      cluster.onLocalOriginFailure(first, kind);
      cluster.onConnected(first);
      t.notOk(first.ejected, kind);
      cluster.onLocalOriginFailure(first, kind);
      t.ok(first.ejected, kind);
    }
  }
});

t.test('with the split they have a count of their own, which a connection clears', async (t) => {
  const settings = {
    splitExternalLocalOriginErrors: true,
    consecutiveLocalOriginFailures: 2,
    consecutive5xx: 1,
  };
  const { cluster, first } = create(settings);
  cluster.onLocalOriginFailure(first, 'reset');
  cluster.onConnected(first);
  cluster.onLocalOriginFailure(first, 'connect-timeout');
  t.notOk(first.ejected);
  cluster.onLocalOriginFailure(first, 'timeout');
  t.ok(first.ejected);
  t.equal(cluster.stats.ejectionsEnforcedConsecutiveLocalOriginFailure, 1);
});

t.test('maxEjectionPercent counts the endpoint to be ejected', async (t) => {
  for (const [percent, out] of [
    [33, 0],
    [34, 1],
    [66, 1],
    [67, 2],
    [100, 3],
  ] as const) {
    const { cluster } = create({ maxEjectionPercent: percent, consecutive5xx: 1 }, 3);
    for (const port of [1, 2, 3]) respond(cluster, port, [500]);
    t.equal(cluster.stats.ejectionsActive, out, `${percent} %`);
    t.equal(cluster.stats.ejectionsOverflow, 3 - out);
    t.equal(cluster.stats.ejectionsDetectedConsecutive5xx, 3);
    t.equal(cluster.stats.ejectionsEnforcedConsecutive5xx, out);
    t.equal(cluster.stats.ejectionsEnforcedTotal, out);
  }
});

t.test('by default nothing is ejected among fewer than ten', async (t) => {
  for (const [count, out] of [
    [9, 0],
    [10, 1],
  ] as const) {
    const { cluster } = create({ maxEjectionPercent: 10, consecutive5xx: 1 }, count);
    for (const port of [1, 2, 3]) respond(cluster, port, [500]);
    t.equal(cluster.stats.ejectionsActive, out);
  }
});

t.test('a refused ejection needs another full run of failures', async (t) => {
  const { fixture, cluster } = create({ maxEjectionPercent: 50, consecutive5xx: 2 });
  respond(cluster, 1, [500, 500]);
  respond(cluster, 2, [500, 500]);
  fixture.advance(cluster, 30_000);
  t.equal(cluster.stats.ejectionsActive, 0);
  respond(cluster, 2, [500]);
  t.notOk(endpointAt(cluster, 2).ejected);
  respond(cluster, 2, [500]);
  t.ok(endpointAt(cluster, 2).ejected);
});

t.test('an endpoint comes back at the first tick after its time, not before', async (t) => {
  const { fixture, cluster, first } = create({
    intervalMs: 10_000,
    baseEjectionMs: 15_000,
    consecutive5xx: 1,
  });
  fixture.advance(cluster, 2_000);
  respond(cluster, 1, [500]);
  fixture.advance(cluster, 17_999);
  t.ok(first.ejected, 'its time was over at 17,000');
  fixture.advance(cluster, 1);
  t.notOk(first.ejected, 'the tick at 20,000 brings it back');
});

t.test(
  'every ejection takes one base time longer, and healthy intervals take it back',
  async (t) => {
    const { fixture, cluster, first } = create({ baseEjectionMs: 10_000, consecutive5xx: 1 });
    const ejectionMs = () => {
      respond(cluster, 1, [500]);
      const start = fixture.clock.now();
      while (first.ejected) fixture.advance(cluster, 10_000);
      return fixture.clock.now() - start;
    };
    t.same([ejectionMs(), ejectionMs(), ejectionMs()], [10_000, 20_000, 30_000]);
    fixture.advance(cluster, 20_000);
    t.equal(ejectionMs(), 20_000);
  },
);

t.test('the longest ejection is maxEjectionMs, or the base if that is longer', async (t) => {
  for (const baseEjectionMs of [10_000, 50_000]) {
    const { fixture, cluster, first } = create({
      baseEjectionMs,
      maxEjectionMs: 20_000,
      consecutive5xx: 1,
    });
    for (let count = 0; count < 4; count++) {
      respond(cluster, 1, [500]);
      const start = fixture.clock.now();
      while (first.ejected) fixture.advance(cluster, 10_000);
      const expected = Math.min((count + 1) * baseEjectionMs, Math.max(20_000, baseEjectionMs));
      t.equal(fixture.clock.now() - start, expected);
    }
  }
});

t.test('a tick before its time does nothing', async (t) => {
  const { fixture, cluster, first } = create({ baseEjectionMs: 1, consecutive5xx: 1 });
  respond(cluster, 1, [500]);
  fixture.clock.advance(9_999);
  cluster.tick(fixture.clock.now());
  t.ok(first.ejected);
});

t.test('a reload keeps the rhythm of the ticks unless the interval changes', async (t) => {
  const { fixture, cluster } = create({ intervalMs: 10_000 });
  const start = fixture.clock.now();
  fixture.clock.advance(4_000);
  const same = fixture.create({ outlierDetection: outlierDetection() }, cluster);
  t.equal(same.nextTickAt, start + 10_000);
  const faster = outlierDetection({ intervalMs: 1_000 });
  t.equal(fixture.create({ outlierDetection: faster }, same).nextTickAt, start + 5_000);
});

t.test('an ejection and its end are told, each once', async (t) => {
  const fixture = new HealthFixture();
  const cluster = fixture.create({
    healthCheck: null,
    endpoints: endpointModels(2),
    outlierDetection: outlierDetection({ consecutive5xx: 2 }),
  });
  respond(cluster, 1, [500, 500, 500, 500, 500]);
  t.same(fixture.events, ['1 ejected consecutive 5xx']);
  fixture.clock.advance(120_000);
  cluster.tick(fixture.clock.now());
  t.same(fixture.events, ['1 ejected consecutive 5xx', '1 returned']);
});
