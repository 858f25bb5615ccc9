import t from 'tap';
import { clusterHistograms, clusterSamples } from '../../src/runtime/cluster-samples.ts';
import { testState } from '../admin/running-state-fixture.ts';

t.test('counters and gauges of a cluster have the names of Envoy', (t) => {
  const { cluster } = testState();
  cluster.stats.upstreamRqTotal = 9;
  cluster.stats.upstreamCxHttp1Total = 2;
  cluster.stats.ejectionsEnforcedConsecutive5xx = 1;
  cluster.stats.countResponse(503);
  const samples = new Map([...clusterSamples(cluster)].map((sample) => [sample.name, sample]));
  const read = (name: string) => {
    const sample = samples.get(`cluster.${cluster.name};.${name}`);
    return sample === undefined ? 'missing' : `${sample.kind} ${sample.value}`;
  };
  t.equal(read('upstream_rq_total'), 'counter 9');
  t.equal(read('upstream_rq_active'), 'gauge 0');
  t.equal(read('upstream_cx_http1_total'), 'counter 2');
  t.equal(read('upstream_rq_5xx'), 'counter 1');
  t.equal(read('upstream_rq_503'), 'counter 1');
  t.equal(read('upstream_rq_pending_overflow'), 'counter 0');
  t.equal(read('outlier_detection.ejections_enforced_consecutive_5xx'), 'counter 1');
  t.equal(read('outlier_detection.ejections_active'), 'gauge 0');
  t.equal(read('membership_total'), 'gauge 2');
  t.equal(read('membership_healthy'), 'gauge 2');
  t.equal(read('circuit_breakers.default.rq_open'), 'gauge 0');
  t.end();
});

t.test('responses are told apart by where requests came from, and retried ones', (t) => {
  const { cluster } = testState();
  const { stats } = cluster;
  const counted = (): Record<string, number> =>
    Object.fromEntries(
      [...clusterSamples(cluster)]
        .map(({ name, value }) => [name.replace(/^.*;\./, ''), value] as const)
        .filter(([name]) => /^(external|internal|retry)\./.test(name)),
    );
  t.same(counted(), {}, 'nothing was counted yet');
  stats.countResponse(200, true);
  stats.countResponse(200);
  stats.countResponse(404);
  stats.countRetried(503);
  t.same(counted(), {
    'internal.upstream_rq_completed': 1,
    'internal.upstream_rq_2xx': 1,
    'internal.upstream_rq_200': 1,
    'external.upstream_rq_completed': 2,
    'external.upstream_rq_2xx': 1,
    'external.upstream_rq_4xx': 1,
    'external.upstream_rq_200': 1,
    'external.upstream_rq_404': 1,
    'retry.upstream_rq_completed': 1,
    'retry.upstream_rq_5xx': 1,
    'retry.upstream_rq_503': 1,
  });
  t.end();
});

t.test('so are the times of responses', (t) => {
  const { cluster } = testState();
  cluster.stats.recordTime(10, true);
  cluster.stats.recordTime(20, false);
  const sums = new Map(
    [...clusterHistograms(cluster)].map(({ name, cumulative }) => [
      name.replace(/^.*;\./, ''),
      cumulative.sum,
    ]),
  );
  t.equal(sums.get('upstream_rq_time'), 30);
  t.equal(sums.get('internal.upstream_rq_time'), 10);
  t.equal(sums.get('external.upstream_rq_time'), 20);
  t.equal(sums.get('upstream_cx_connect_ms'), 0);
  t.end();
});
