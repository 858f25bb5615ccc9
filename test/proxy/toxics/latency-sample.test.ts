import t, { type Test } from 'tap';
import { type Random, SeededRandom } from '../../../src/base/random.ts';
import type { LatencyDistribution } from '../../../src/model/toxic.ts';
import { sampleLatencyMs } from '../../../src/proxy/toxics/latency-sample.ts';

const count = 40_000;

function samples(distribution: LatencyDistribution, seed = 7): number[] {
  const random = new SeededRandom(seed);
  const drawn = Array.from({ length: count }, () => sampleLatencyMs(distribution, random));
  return drawn.sort((a, b) => a - b);
}

/** The share of samples up to a quantile of the distribution is that quantile. */
function hasQuantiles(
  t: Test,
  distribution: LatencyDistribution,
  quantiles: readonly (readonly [share: number, ms: number])[],
): void {
  const drawn = samples(distribution);
  for (const [share, ms] of quantiles) {
    const below = drawn.filter((each) => each <= ms).length / count;
    // Four standard deviations of a share of so many draws.
    const spread = 4 * Math.sqrt((share * (1 - share)) / count);
    const what = `${distribution.kind}: ${below} of all up to ${ms} ms`;
    t.ok(Math.abs(below - share) <= spread, what);
  }
}

t.test('fixed draws nothing', async (t) => {
  const never: Random = { uint32: () => t.fail(), fraction: () => t.fail() } as unknown as Random;
  t.equal(sampleLatencyMs({ kind: 'fixed', fixedMs: 70 }, never), 70);
});

t.test('quantiles are those of the distribution', async (t) => {
  hasQuantiles(t, { kind: 'uniform', minMs: 100, maxMs: 200 }, [
    [0.01, 101],
    [0.5, 150],
    [0.99, 199],
  ]);
  // Of the standard normal distribution.
  hasQuantiles(t, { kind: 'normal', meanMs: 500, stdDevMs: 50, maxMs: 60_000 }, [
    [0.0228, 400],
    [0.1587, 450],
    [0.5, 500],
    [0.9772, 600],
  ]);
  hasQuantiles(t, { kind: 'exponential', meanMs: 100, maxMs: 60_000 }, [
    [0.5, 100 * Math.LN2],
    [0.9, 100 * Math.log(10)],
    [0.99, 100 * Math.log(100)],
  ]);
  hasQuantiles(t, { kind: 'pareto', minMs: 50, shape: 2, maxMs: 60_000 }, [
    [0.5, 50 * 2 ** 0.5],
    [0.9, 50 * 10 ** 0.5],
    [0.99, 500],
  ]);
});

t.test('what is too long becomes the longest, and nothing is below zero', async (t) => {
  const rows: readonly (readonly [LatencyDistribution, min: number, max: number])[] = [
    [{ kind: 'normal', meanMs: 10, stdDevMs: 100, maxMs: 50 }, 0, 50],
    [{ kind: 'exponential', meanMs: 100, maxMs: 80 }, 0, 80],
    [{ kind: 'pareto', minMs: 10, shape: 0.1, maxMs: 1000 }, 10, 1000],
    [{ kind: 'uniform', minMs: 5, maxMs: 5 }, 5, 5],
  ];
  for (const [distribution, min, max] of rows) {
    const drawn = samples(distribution);
    t.ok((drawn[0] ?? -1) >= min, `${distribution.kind} from ${drawn[0]}`);
    t.equal(drawn.at(-1), max, `${distribution.kind} up to its end`);
  }
});

t.test('the ends of chance are harmless', async (t) => {
  const at = (fraction: number): Random => ({ uint32: () => 0, fraction: () => fraction });
  const distributions: readonly LatencyDistribution[] = [
    { kind: 'uniform', minMs: 1, maxMs: 9 },
    { kind: 'normal', meanMs: 5, stdDevMs: 1, maxMs: 99 },
    { kind: 'exponential', meanMs: 5, maxMs: 99 },
    { kind: 'pareto', minMs: 5, shape: 1, maxMs: 99 },
  ];
  for (const distribution of distributions) {
    for (const fraction of [0, 1 - 2 ** -32]) {
      const ms = sampleLatencyMs(distribution, at(fraction));
      t.ok(Number.isFinite(ms) && ms >= 0 && ms <= 99, `${distribution.kind}: ${ms}`);
    }
  }
});
