import t from 'tap';
import { SeededRandom } from '../../src/base/random.ts';
import { latencySampler } from '../../src/loadtest/latency-sampler.ts';
import { normalQuantile } from '../../src/loadtest/normal-quantile.ts';
import type { Latency } from '../../src/loadtest/synthetic-upstream.ts';

const percentiles: Latency = {
  kind: 'percentiles',
  points: [
    { percentile: 0, ms: 0 },
    { percentile: 50, ms: 10 },
    { percentile: 90, ms: 10 },
    { percentile: 100, ms: 110 },
  ],
};

const cases: readonly (readonly [Latency, Readonly<Record<number, number>>])[] = [
  [
    { kind: 'fixed', ms: 7 },
    { 1: 7, 50: 7, 99: 7 },
  ],
  [
    { kind: 'normal', meanMs: 50, deviationMs: 5 },
    { 50: 50, 84.13: 55, 15.87: 45 },
  ],
  [
    { kind: 'lognormal', medianMs: 10, p99Ms: 100 },
    { 50: 10, 99: 100 },
  ],
  [
    { kind: 'exponential', meanMs: 20 },
    { 50: 13.86, 90: 46.05 },
  ],
  [percentiles, { 25: 5, 50: 10, 70: 10, 95: 60 }],
];

for (const [latency, truth] of cases) {
  t.test(`${latency.kind} has the percentiles that it should`, async (t) => {
    const sample = latencySampler(latency);
    const random = new SeededRandom(3);
    const drawn = Float64Array.from({ length: 100_000 }, () => sample(random)).sort();
    for (const [percentile, ms] of Object.entries(truth)) {
      const found = drawn[Math.floor((drawn.length * Number(percentile)) / 100)] ?? 0;
      t.ok(Math.abs(found - ms) <= 0.03 * ms, `p${percentile} is ${found}, not ${ms}`);
    }
  });
}

t.test('no latency is below 0', async (t) => {
  const sample = latencySampler({ kind: 'normal', meanMs: 0, deviationMs: 5 });
  const random = new SeededRandom(3);
  t.ok(Array.from({ length: 1000 }, () => sample(random)).every((ms) => ms >= 0));
});

t.test('quantiles of the normal distribution are those of tables', async (t) => {
  for (const [p, z] of [
    [0.5, 0],
    [0.975, 1.959964],
    [0.9995, 3.290527],
    [0.01, -2.326348],
  ] as const) {
    t.ok(Math.abs(normalQuantile(p) - z) < 1e-6, `${p}`);
  }
});
