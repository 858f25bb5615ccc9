import t from 'tap';
import type { LatencySummary } from '../../src/loadtest/latency-histogram.ts';
import { precisionNotes } from '../../src/loadtest/precision.ts';

const all = (ms: number, p99 = ms): LatencySummary => ({
  ...{ mean: ms, p50: ms, p90: ms, p99, p999: p99, max: p99 },
});

t.test('lateness that does not matter is not spoken of', async (t) => {
  const cases: readonly (readonly [late: LatencySummary, latency: LatencySummary])[] = [
    // Far below the latency.
    [all(1), all(100)],
    // As on any machine.
    [all(0.3), all(1)],
    // The slowest of a thousand alone.
    [{ ...all(0.1), p999: 500, max: 500 }, all(5)],
  ];
  for (const [late, latency] of cases) {
    t.strictSame(precisionNotes({ driver: late, endpoints: late }, latency), []);
  }
  t.strictSame(precisionNotes({ driver: all(9), endpoints: null }, null), []);
  t.strictSame(precisionNotes({ driver: null, endpoints: null }, all(1)), []);
});

t.test('lateness that makes latencies inexact is said, sending and reading together', async (t) => {
  const busy = 'this machine is too busy for exact latencies:';
  t.strictSame(precisionNotes({ driver: all(0.1, 30), endpoints: all(0.1, 5) }, all(100)), [
    `${busy} of 100.0 ms (p99) up to 65.0 ms may be its own lateness`,
  ]);
  t.strictSame(precisionNotes({ driver: null, endpoints: all(3) }, all(20)), [
    `${busy} of 20.0 ms (p50) up to 3.0 ms may be its own lateness`,
  ]);
});
