import t from 'tap';
import { type Random, SeededRandom } from '../../../src/base/random.ts';
import type { FaultPolicy } from '../../../src/model/route-policy.ts';
import { createFaultFilter, hits } from '../../../src/proxy/filters/fault.ts';

/** Draws `fraction` always, and counts how often. */
class FixedRandom implements Random {
  drawn = 0;
  readonly #fraction: number;

  constructor(fraction: number) {
    this.#fraction = fraction;
  }

  uint32(): number {
    return Math.floor(this.fraction() * 2 ** 32);
  }

  fraction(): number {
    this.drawn++;
    return this.#fraction;
  }
}

t.test('a percentage is parts of a million', async (t) => {
  const rows: readonly (readonly [parts: number, fraction: number, hit: boolean])[] = [
    [500_000, 0.4999999, true],
    [500_000, 0.5, false],
    [1, 0.0000009, true],
    [1, 0.000001, false],
    [999_999, 0.999998, true],
    [999_999, 0.9999991, false],
  ];
  for (const [parts, fraction, hit] of rows) {
    t.equal(hits(parts, new FixedRandom(fraction)), hit, `${parts} at ${fraction}`);
  }
});

t.test('certain outcomes draw nothing', async (t) => {
  const random = new FixedRandom(0.5);
  t.equal(hits(0, random), false);
  t.equal(hits(1_000_000, random), true);
  t.equal(random.drawn, 0);
});

t.test('delay and abort are drawn independently', async (t) => {
  const abort = { percentage: 250_000, httpStatus: 503, grpcStatus: null };
  const policy: FaultPolicy = {
    delay: { percentage: 500_000, fixedDelayMs: 70 },
    abort,
    inAttempt: false,
  };
  const filter = createFaultFilter(policy);
  const random = new SeededRandom(3);
  const counts = { delayed: 0, aborted: 0, both: 0 };
  for (let i = 0; i < 10_000; i++) {
    const delayed = filter.drawDelay(random) === 70;
    const aborted = filter.drawAbort(random) !== null;
    if (delayed) counts.delayed++;
    if (aborted) counts.aborted++;
    if (delayed && aborted) counts.both++;
  }
  const near = (count: number, expected: number): boolean => Math.abs(count - expected) < 200;
  t.ok(near(counts.delayed, 5_000), `${counts.delayed} delayed`);
  t.ok(near(counts.aborted, 2_500), `${counts.aborted} aborted`);
  t.ok(near(counts.both, 1_250), `${counts.both} both`);
});

t.test('a policy without a part never draws it', async (t) => {
  const filter = createFaultFilter({ delay: null, abort: null, inAttempt: false });
  const random = new FixedRandom(0);
  t.equal(filter.drawDelay(random), 0);
  t.equal(filter.drawAbort(random), null);
  t.equal(random.drawn, 0);
});
