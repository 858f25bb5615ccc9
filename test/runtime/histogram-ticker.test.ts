import t from 'tap';
import { LogLinearHistogram } from '../../src/base/log-linear-histogram.ts';
import { HistogramTicker } from '../../src/runtime/histogram-ticker.ts';
import { MetricsRegistry } from '../../src/telemetry/metrics/metrics.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualTimers } from '../support/manual-timers.ts';

t.test('every five seconds an interval ends, until it is stopped', (t) => {
  const timers = new ManualTimers(new ManualClock());
  const registry = new MetricsRegistry();
  const histogram = new LogLinearHistogram();
  registry.addHistograms({
    collect: () => [],
    endInterval: () => histogram.endInterval(),
    reset: () => histogram.reset(),
  });
  const ticker = new HistogramTicker(registry, timers);
  ticker.start();
  const counts: number[] = [];
  for (const values of [1, 2, 0]) {
    for (let times = 0; times < values; times++) histogram.record(1);
    timers.advance(5_000);
    counts.push(histogram.interval().count);
  }
  t.same(counts, [1, 2, 0]);
  ticker.stop();
  histogram.record(1);
  timers.advance(20_000);
  t.equal(histogram.interval().count, 0);
  t.end();
});
