import t from 'tap';
import { sharePriorityLoad } from '../../../src/cluster/load-balancing/priority-load.ts';

/** Healthy endpoints of 100 in each priority, panic threshold, percentages, panics. */
const rows: readonly (readonly [number[], number, number[], boolean[]])[] = [
  [[100, 100], 50, [100, 0], [false, false]],
  [[72, 72], 50, [100, 0], [false, false]],
  [[71, 71], 50, [99, 1], [false, false]],
  [[50, 100], 50, [70, 30], [false, false]],
  [[25, 100], 50, [35, 65], [false, false]],
  [[0, 100], 50, [0, 100], [false, false]],
  [[25, 25], 0, [50, 50], [false, false]],
  [[50, 5, 20], 0, [70, 7, 23], [false, false, false]],
  // Both priorities lack endpoints and panic: shared by size.
  [[5, 5], 50, [50, 50], [true, true]],
  [[0, 0], 50, [50, 50], [true, true]],
  // Too little altogether, but only the first panics.
  [[5, 65], 50, [8, 92], [true, false]],
  // Panic switched off and nobody left.
  [[0, 0], 0, [0, 0], [false, false]],
  [[0], 0, [0], [false]],
  [[49], 50, [100], [true]],
  [[50], 50, [100], [false]],
  // Fully available in spite of 75 %: 75 * 1.4 is over 100.
  [[75], 80, [100], [false]],
];

for (const [healthy, threshold, percents, panics] of rows) {
  t.test(`${healthy.join(' and ')} of 100 healthy, threshold ${threshold}`, async (t) => {
    const loads = sharePriorityLoad(
      healthy.map((count) => ({ healthy: count, total: 100 })),
      threshold,
    );
    t.same(
      loads.map((load) => load.percent),
      percents,
    );
    t.same(
      loads.map((load) => load.panic),
      panics,
    );
  });
}

t.test('a priority without endpoints gets nothing', async (t) => {
  const loads = sharePriorityLoad(
    [
      { healthy: 0, total: 0 },
      { healthy: 1, total: 3 },
      { healthy: 0, total: 1 },
    ],
    100,
  );
  t.same(
    loads.map((load) => load.percent),
    [0, 75, 25],
  );
});

t.test('no priorities, no load', async (t) => {
  t.same(sharePriorityLoad([], 50), []);
});
