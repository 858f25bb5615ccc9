import t from 'tap';
import { LogLinearBins } from '../../src/base/log-linear-bins.ts';
import { LogLinearHistogram } from '../../src/base/log-linear-histogram.ts';

function binsOf(values: readonly number[]): LogLinearBins {
  const bins = new LogLinearBins();
  for (const value of values) bins.add(value);
  return bins;
}

const shares = [0, 0.25, 0.5, 0.75, 0.9, 1];

/** As Envoy 1.40 prints them for the same values. */
const printed: readonly (readonly [values: readonly number[], quantiles: readonly number[]])[] = [
  [
    [11, 13, 21, 22, 100, 150],
    [11.5, 13.5, 21.5, 105, 155, 155],
  ],
  [
    [16, 16, 17, 23, 100, 150],
    [16 + 1 / 3, 16 + 2 / 3, 17.5, 105, 155, 155],
  ],
  [[1, 1, 1, 1, 1, 1], [1, 2, 3, 5, 6, 6].map((rank) => 1 + (0.1 * rank) / 7)],
  [[0], [0, 0, 0, 0, 0, 0]],
  [[19], [19.5, 19.5, 19.5, 19.5, 19.5, 19.5]],
];

for (const [values, quantiles] of printed) {
  t.test(`quantiles of ${values.join()}`, (t) => {
    const found = binsOf(values).quantiles(shares);
    t.ok(
      found.every((value, index) => Math.abs(value - (quantiles[index] as number)) < 1e-9),
      found.join(),
    );
    t.end();
  });
}

t.test('there are no quantiles of nothing', (t) => {
  t.same(new LogLinearBins().quantiles([0, 1]), [Number.NaN, Number.NaN]);
  t.end();
});

t.test('a bin is as wide as two digits leave it', (t) => {
  const rows: readonly (readonly [value: number, lower: number, width: number])[] = [
    [0, 0, 0],
    [-3, 0, 0],
    [0.9, 0, 0],
    [1, 1, 0.1],
    [7.9, 7, 0.1],
    [9, 9, 0.1],
    [10, 10, 1],
    [99, 99, 1],
    [100, 100, 10],
    [109, 100, 10],
    [1_999, 1_900, 100],
    [3_600_000, 3_600_000, 100_000],
    [Number.POSITIVE_INFINITY, 9.9e12, 1e11],
  ];
  for (const [value, lower, width] of rows) {
    t.same(binsOf([value]).bins(), [{ lower, width, count: 1 }], String(value));
  }
  t.end();
});

t.test('quantiles of many values are within a few percent', (t) => {
  const values = Array.from({ length: 5_000 }, (_, index) => Math.floor(1.002 ** index));
  const quantiles = binsOf(values).quantiles([0.5, 0.9, 0.99]);
  for (const [index, share] of [0.5, 0.9, 0.99].entries()) {
    const exact = values[Math.ceil(share * values.length) - 1] as number;
    t.ok(Math.abs((quantiles[index] as number) / exact - 1) < 0.06, `${share}`);
  }
  t.end();
});

t.test('bins add up, and are taken away again', (t) => {
  const both = binsOf([1, 20_000]);
  both.addAll(binsOf([20_000, 3]));
  t.equal(both.count, 4);
  t.equal(both.sum, 40_004);
  t.same(both.countsUpTo([0.5, 3, 20_000]), [0, 2, 4]);
  both.addAll(binsOf([1, 3]), -1);
  t.same(both.bins(), [{ lower: 20_000, width: 1_000, count: 2 }]);
  t.end();
});

t.test('a histogram knows its last interval and everything', (t) => {
  const histogram = new LogLinearHistogram();
  t.notOk(histogram.used);
  histogram.endInterval();
  histogram.record(5);
  t.ok(histogram.used);
  const counts = () => [histogram.interval().count, histogram.cumulative().count];
  t.same(counts(), [0, 1]);
  histogram.endInterval();
  t.same(counts(), [1, 1]);
  histogram.record(6);
  histogram.record(7);
  t.same(counts(), [1, 3]);
  histogram.endInterval();
  t.same(counts(), [2, 3]);
  histogram.endInterval();
  t.same(counts(), [0, 3]);
  histogram.reset();
  t.same([histogram.used, ...counts()], [false, 0, 0]);
  t.end();
});
