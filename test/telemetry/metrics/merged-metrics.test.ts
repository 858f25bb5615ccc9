import t from 'tap';
import { LogLinearHistogram } from '../../../src/base/log-linear-histogram.ts';
import { MergedMetrics } from '../../../src/telemetry/metrics/merged-metrics.ts';
import { MetricsRegistry } from '../../../src/telemetry/metrics/metrics.ts';
import { reportMetrics } from '../../../src/telemetry/metrics/metrics-report.ts';
import type { Sample } from '../../../src/telemetry/metrics/sample.ts';

const requests = { name: 'requests_total', help: 'Requests', labelNames: ['code'] };
const durations = { name: 'duration', help: 'Times', labelNames: ['code'], bounds: [1, 10] };

/** One process, which has handled a request of each of these milliseconds. */
function processOf(times: readonly number[]) {
  const registry = new MetricsRegistry();
  const counter = registry.counter(requests).slot(['200']);
  const histogram = registry.histogram(durations).slot(['200']);
  const all = new LogLinearHistogram();
  for (const ms of times) {
    counter.value++;
    histogram.observe(ms);
    all.record(ms);
  }
  const count = times.length;
  const samples: Sample[] = [
    { kind: 'counter', name: 'rq_total', value: count },
    { kind: 'gauge', name: 'rq_active', value: count },
    { kind: 'gauge', name: 'rq_open', value: Math.sign(count) },
    { kind: 'gauge', name: 'overload.heap.pressure', value: 10 * count },
  ];
  registry.addCollector(() => samples);
  registry.addHistograms({
    collect: () => [{ name: 'rq_time', cumulative: all.cumulative(), interval: all.interval() }],
    endInterval: () => all.endInterval(),
    reset: () => all.reset(),
  });
  // What goes to another process is plain data.
  return { report: () => structuredClone(reportMetrics(registry)) };
}

function primary() {
  const registry = new MetricsRegistry();
  const counter = registry.counter(requests);
  const histogram = registry.histogram(durations);
  const merged = new MergedMetrics(registry);
  const sample = (name: string): number =>
    registry.samples().find((each) => each.name === name)?.value ?? 0;
  return { registry, counter, histogram, merged, sample };
}

t.test('what processes have counted is added up', async (t) => {
  const { registry, counter, histogram, merged, sample } = primary();
  const [one, two] = [processOf([1, 5, 100]), processOf([5])];
  // Again and again: sums are made anew each time.
  for (let look = 0; look < 2; look++) merged.update([one.report(), two.report()]);
  t.equal(sample('rq_total'), 4);
  t.equal(sample('rq_active'), 4);
  t.equal(sample('rq_open'), 1, 'whether a limit is reached is no number of processes');
  t.equal(sample('overload.heap.pressure'), 30, 'the highest of all');
  t.equal(counter.slot(['200']).value, 4);
  t.same(histogram.slot(['200']).cumulativeCounts(), [1, 3, 4]);
  t.equal(histogram.slot(['200']).sum, 111);
  const [times] = registry.histogramSamples();
  t.equal(times?.cumulative.count, 4);
  t.equal(times?.cumulative.sum, 111);
  t.same(times?.cumulative.countsUpTo([1, 10, 1000]), [1, 3, 4]);
});

t.test('counters of a process that is gone stay, what it had open does not', async (t) => {
  const { counter, histogram, merged, sample, registry } = primary();
  const [one, two] = [processOf([1, 5, 100]), processOf([5])];
  merged.update([one.report(), two.report()]);
  merged.retire(one.report());
  merged.update([two.report()]);
  t.equal(sample('rq_total'), 4);
  t.equal(sample('rq_active'), 1);
  t.equal(counter.slot(['200']).value, 4);
  t.equal(histogram.slot(['200']).count, 4);
  t.equal(registry.histogramSamples()[0]?.cumulative.count, 4);
  merged.retire(two.report());
  merged.update([]);
  t.equal(sample('rq_total'), 4, 'also when all are gone');
});

t.test('after a reset all begins at zero', async (t) => {
  const { registry, counter, merged, sample } = primary();
  merged.retire(processOf([1]).report());
  merged.reset();
  merged.update([processOf([]).report()]);
  registry.reset();
  t.equal(sample('rq_total'), 0);
  t.equal(counter.slot(['200']).value, 0);
  merged.update([processOf([5, 5]).report()]);
  t.equal(sample('rq_total'), 2);
  t.equal(counter.slot(['200']).value, 2);
});

t.test('a metric that the primary does not have is left out', async (t) => {
  const registry = new MetricsRegistry();
  const merged = new MergedMetrics(registry);
  merged.update([processOf([1]).report()]);
  t.same([...registry.values()], []);
});
