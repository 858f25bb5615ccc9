/** Two processes that follow a third one in what they think of endpoints. */

import t from 'tap';
import type { HealthEvent } from '../../../src/cluster/health/health-event.ts';
import { type EndpointHealth, healthOf } from '../../../src/cluster/health/health-leader.ts';
import { LiveCluster } from '../../../src/cluster/live-cluster.ts';
import type { HealthCheck } from '../../../src/model/health-check.ts';
import { clusterModel, endpointModels, outlierDetection } from '../../support/cluster-models.ts';
import { ClusterFixture, endpointAt, hash64 } from '../cluster-fixture.ts';
import { healthCheck } from './health-fixture.ts';

interface Follower {
  readonly cluster: LiveCluster;
  readonly events: HealthEvent['kind'][];
  /** Keys of endpoints that have asked to be left alone. */
  readonly leftAlone: string[];
  readonly known: Map<string, EndpointHealth>;
}

const policy = outlierDetection({ consecutive5xx: 2, maxEjectionPercent: 50, intervalMs: 1000 });

function follower(fixture: ClusterFixture, check: HealthCheck | null = null): Follower {
  const events: HealthEvent['kind'][] = [];
  const leftAlone: string[] = [];
  const known = new Map<string, EndpointHealth>();
  const model = clusterModel({
    endpoints: endpointModels(2),
    outlierDetection: policy,
    healthCheck: check,
  });
  const cluster = new LiveCluster(model, null, {
    ...{ clock: fixture.clock, random: fixture.random, hash64 },
    leader: {
      healthOf: (_, key) => known.get(key) ?? null,
      onHealthEvent: ({ kind }) => events.push(kind),
      onImmediateHealthCheckFail: ({ key }) => leftAlone.push(key),
    },
  });
  return { cluster, events, leftAlone, known };
}

function setUp() {
  const fixture = new ClusterFixture();
  const leader = fixture.create({ endpoints: endpointModels(2), outlierDetection: policy });
  const [one, two] = [follower(fixture), follower(fixture)];
  one.cluster.adopt(null);
  two.cluster.adopt(null);
  /** What the leader thinks of the endpoint on this port goes to both. */
  const spread = (port: number): void => {
    const health = healthOf(endpointAt(leader, port));
    for (const { cluster } of [one, two]) cluster.followHealth(health);
  };
  return { fixture, leader, one, two, spread };
}

function fail({ cluster }: Follower, port: number): void {
  for (const status of [503, 503]) cluster.onResponse(endpointAt(cluster, port), status);
}

t.test('what one ejects is out everywhere, and counted once', async (t) => {
  const { leader, one, two, spread } = setUp();
  fail(one, 1);
  t.same(one.events, ['ejected'], 'at once, where it was seen');
  t.ok(leader.onEjectedElsewhere(endpointAt(leader, 1)));
  spread(1);
  for (const cluster of [leader, one.cluster, two.cluster]) {
    t.ok(endpointAt(cluster, 1).ejected);
    t.equal(cluster.stats.ejectionsActive, 1);
  }
  t.same(two.events, [], 'the others have not found it themselves');
  const enforced = [leader, one.cluster, two.cluster].map((each) => each.stats);
  t.equal(
    enforced.reduce((sum, { ejectionsEnforcedTotal }) => sum + ejectionsEnforcedTotal, 0),
    1,
  );
});

t.test('one that is too many is taken back', async (t) => {
  const { leader, one, two, spread } = setUp();
  // In the same moment: neither knows of the other.
  fail(one, 1);
  fail(two, 2);
  t.ok(leader.onEjectedElsewhere(endpointAt(leader, 1)));
  spread(1);
  t.notOk(leader.onEjectedElsewhere(endpointAt(leader, 2)));
  spread(2);
  for (const { cluster } of [one, two]) {
    t.ok(endpointAt(cluster, 1).ejected);
    t.notOk(endpointAt(cluster, 2).ejected);
  }
});

t.test('the leader alone brings endpoints back', async (t) => {
  const { fixture, leader, one, spread } = setUp();
  fail(one, 1);
  leader.onEjectedElsewhere(endpointAt(leader, 1));
  spread(1);
  t.equal(one.cluster.nextTickAt, Number.POSITIVE_INFINITY);
  fixture.clock.advance(60_000);
  one.cluster.tick(fixture.clock.now());
  t.ok(endpointAt(one.cluster, 1).ejected);
  leader.tick(fixture.clock.now());
  spread(1);
  t.notOk(endpointAt(one.cluster, 1).ejected);
  t.equal(one.cluster.stats.ejectionsActive, 0);
});

t.test('where checks are made, an endpoint waits for the word of the leader', async (t) => {
  const fixture = new ClusterFixture();
  const one = follower(fixture, healthCheck());
  const health: EndpointHealth = {
    ...{ cluster: one.cluster.name, key: '127.0.0.1:1' },
    ...{ ejected: false, unhealthy: false, excluded: false, checkTimedOut: false },
  };
  one.known.set(health.key, health);
  one.cluster.adopt(null);
  t.notOk(endpointAt(one.cluster, 1).unhealthy, 'it has been said before');
  t.ok(endpointAt(one.cluster, 2).unhealthy, 'nothing is known of the other');
  one.cluster.followHealth({ ...health, key: '127.0.0.1:2' });
  t.notOk(endpointAt(one.cluster, 2).unhealthy);
  one.cluster.followHealth({ ...health, unhealthy: true, excluded: true });
  const first = endpointAt(one.cluster, 1);
  t.ok(first.unhealthy && first.excluded);
  one.cluster.onImmediateHealthCheckFail(endpointAt(one.cluster, 2));
  t.same(one.leftAlone, ['127.0.0.1:2'], 'what requests find out is told');
});

t.test('what is said of an endpoint that is not here any more changes nothing', async (t) => {
  const { cluster, events } = follower(new ClusterFixture(), healthCheck());
  cluster.adopt(null);
  const seen = () => cluster.endpoints.map(healthOf);
  const before = seen();
  t.same(
    before.map(({ key, unhealthy, ejected }) => ({ key, unhealthy, ejected })),
    ['127.0.0.1:1', '127.0.0.1:2'].map((key) => ({ key, unhealthy: true, ejected: false })),
  );
  const gone = { cluster: cluster.name, key: '127.0.0.1:9' };
  for (const turned of [true, false]) {
    const health = { ejected: turned, unhealthy: turned, excluded: turned, checkTimedOut: turned };
    cluster.followHealth({ ...gone, ...health });
    t.same(seen(), before);
  }
  t.equal(cluster.stats.ejectionsActive, 0);
  t.same(events, []);
});
