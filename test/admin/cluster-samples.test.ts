import t from 'tap';
import { clusterSamples } from '../../src/admin/cluster-samples.ts';
import { testState } from './running-state-fixture.ts';

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
