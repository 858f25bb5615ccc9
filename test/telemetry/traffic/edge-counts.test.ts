import t from 'tap';
import { EdgeCounts, quantile } from '../../../src/telemetry/traffic/edge-counts.ts';

t.test('quantiles lie within their bucket, as those of Prometheus', (t) => {
  const bounds = [10, 20, 50];
  const rows: readonly (readonly [counts: readonly number[], share: number, value: number])[] = [
    [[10, 0, 0, 0], 0.5, 5],
    [[10, 10, 0, 0], 0.5, 10],
    [[10, 10, 0, 0], 0.75, 15],
    [[0, 0, 4, 0], 0.5, 35],
    [[1, 0, 0, 9], 0.99, 50],
    [[0, 0, 0, 0], 0.5, 0],
  ];
  for (const [counts, share, value] of rows) {
    const durations = { bounds, counts: [...counts], sumMs: 0 };
    t.equal(quantile(durations, share), value, `${counts.join()} at ${share}`);
  }
  t.end();
});

t.test('counts of other buckets are left out', (t) => {
  const counts = new EdgeCounts();
  counts.addDurations([1, 2], [1, 2, 3], 9);
  counts.addDurations([1], [1, 2], 5);
  t.same([...(counts.durations?.counts ?? [])], [1, 2, 3]);
  t.equal(counts.durations?.sumMs, 9);
  t.end();
});
