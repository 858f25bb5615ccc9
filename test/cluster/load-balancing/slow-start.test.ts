import t from 'tap';
import { SlowStartRamp } from '../../../src/cluster/load-balancing/slow-start.ts';
import { endpointModels } from '../../support/cluster-models.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ClusterFixture, liveEndpoints } from '../cluster-fixture.ts';

const settings = { windowMs: 10_000, aggression: 1, minWeightPercent: 10 };

t.test('the weight grows with time from the minimum to all of it', async (t) => {
  const clock = new ManualClock();
  const [endpoint] = liveEndpoints(1);
  if (endpoint === undefined) return;
  const linear = new SlowStartRamp(settings, clock);
  const steep = new SlowStartRamp({ ...settings, aggression: 2 }, clock);
  t.same([linear.factor(endpoint), steep.factor(endpoint)], [0.1, 0.1]);
  clock.advance(2_500);
  t.same([linear.factor(endpoint), steep.factor(endpoint)], [0.25, 0.5]);
  clock.advance(7_500);
  t.same([linear.factor(endpoint), steep.factor(endpoint)], [1, 1]);
});

for (const policy of ['ROUND_ROBIN', 'LEAST_REQUEST'] as const) {
  t.test(`${policy}: an endpoint that joins gets its share gradually`, async (t) => {
    const fixture = new ClusterFixture();
    const cluster = fixture.create({
      endpoints: endpointModels(2),
      loadBalancer: { policy, slowStart: settings },
    });
    const all = fixture.tally(cluster, 1_000).get(1) ?? 0;
    t.ok(Math.abs(all - 500) < 100, `all are new, so none gets less: ${all}`);
    fixture.clock.advance(20_000);
    cluster.updateEndpoints(endpointModels(3));
    const early = fixture.tally(cluster, 2_100).get(3) ?? 0;
    t.ok(Math.abs(early - 100) < 10, `a tenth of a share: ${early}`);
    fixture.clock.advance(5_000);
    const middle = fixture.tally(cluster, 2_500).get(3) ?? 0;
    t.ok(Math.abs(middle - 500) < 20, `half a share: ${middle}`);
    fixture.clock.advance(5_000);
    const warm = fixture.tally(cluster, 3_000).get(3) ?? 0;
    t.ok(Math.abs(warm - 1_000) < 130, `a whole share: ${warm}`);
  });
}
