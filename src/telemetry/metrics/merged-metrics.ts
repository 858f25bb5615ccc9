/**
 * Adds what other processes have counted to the registry of this one. What processes that are gone
 * had counted stays in the sums: counters never fall.
 */

import { LogLinearBins } from '../../base/log-linear-bins.ts';
import type { MetricsRegistry } from './metrics.ts';
import {
  type FamilyReport,
  type HistogramReport,
  type MetricsReport,
  nothingCounted,
  type SeriesReport,
} from './metrics-report.ts';
import type { HistogramSample, Sample } from './sample.ts';

export class MergedMetrics {
  readonly #registry: MetricsRegistry;
  /** Of those that are gone. */
  #past = nothingCounted;
  #sum = new ReportSum();

  constructor(registry: MetricsRegistry) {
    this.#registry = registry;
    registry.addCollector(() => this.#sum.samples.values());
    registry.addHistograms({
      collect: () => this.#sum.histogramSamples(),
      // Each process has intervals of its own.
      endInterval: () => undefined,
      reset: () => undefined,
    });
  }

  /** The last of each process that there is. */
  update(reports: readonly MetricsReport[]): void {
    const sum = new ReportSum();
    for (const report of [this.#past, ...reports]) sum.add(report);
    this.#sum = sum;
    this.#fill(sum);
  }

  /** The process that has sent it is gone: what it had open is closed. */
  retire(report: MetricsReport): void {
    const sum = new ReportSum();
    sum.add(this.#past);
    const histograms = report.histograms.map((each) => ({ ...each, interval: emptyBins }));
    const samples = report.samples.filter(({ kind }) => kind === 'counter');
    sum.add({ ...report, samples, histograms });
    this.#past = sum.report();
  }

  /** All have begun again at zero. */
  reset(): void {
    this.#past = nothingCounted;
  }

  /** Families that this process does not have are of a configuration that is gone. */
  #fill({ families }: ReportSum): void {
    for (const family of this.#registry.values()) {
      const reported = families.get(familyKey(family));
      if (reported === undefined) continue;
      family.reset((slot) => {
        slot.value = 0;
      });
      for (const { labels, value, exemplars } of reported.series.values()) {
        const slot = family.slot(labels);
        slot.value += value;
        slot.exemplar = exemplars[0] ?? slot.exemplar;
      }
    }
    for (const family of this.#registry.histograms()) {
      const reported = families.get(familyKey(family));
      if (reported === undefined) continue;
      family.reset((slot) => slot.reset());
      for (const { labels, value, totals, exemplars } of reported.series.values()) {
        const slot = family.slot(labels);
        slot.addCumulative(totals ?? [], value);
        for (const [bucket, exemplar] of exemplars.entries()) {
          if (exemplar !== null) slot.keepExemplar(bucket, exemplar);
        }
      }
    }
  }
}

/** Whether a circuit breaker is open, and how far a process protects itself: the most of all. */
const isState = /_open$|^overload\..*\.(pressure|active|scale_percent)$/;

const emptyBins = new LogLinearBins().export();

interface FamilySum {
  readonly name: string;
  readonly labelNames: readonly string[];
  readonly series: Map<string, SeriesReport>;
}

class ReportSum {
  readonly samples = new Map<string, Sample>();
  readonly families = new Map<string, FamilySum>();
  readonly #histograms = new Map<string, HistogramSample>();

  add({ samples, histograms, families }: MetricsReport): void {
    for (const sample of samples) this.#addSample(sample);
    for (const histogram of histograms) this.#addHistogram(histogram);
    for (const family of families) this.#addFamily(family);
  }

  /** Copies, for they may be added to. */
  histogramSamples(): HistogramSample[] {
    return this.report().histograms.map(({ name, cumulative, interval }) => ({
      name,
      cumulative: binsOf(cumulative),
      interval: binsOf(interval),
    }));
  }

  report(): MetricsReport {
    return {
      samples: [...this.samples.values()],
      histograms: Array.from(this.#histograms.values(), ({ name, cumulative, interval }) => ({
        name,
        cumulative: cumulative.export(),
        interval: interval.export(),
      })),
      families: Array.from(this.families.values(), ({ name, labelNames, series }) => ({
        name,
        labelNames,
        series: [...series.values()],
      })),
    };
  }

  #addSample(sample: Sample): void {
    const known = this.samples.get(sample.name);
    const before = known?.value ?? 0;
    const value = isState.test(sample.name)
      ? Math.max(before, sample.value)
      : before + sample.value;
    this.samples.set(sample.name, known === undefined ? sample : { ...sample, value });
  }

  #addHistogram({ name, cumulative, interval }: HistogramReport): void {
    let known = this.#histograms.get(name);
    if (known === undefined) {
      known = { name, cumulative: new LogLinearBins(), interval: new LogLinearBins() };
      this.#histograms.set(name, known);
    }
    known.cumulative.import(cumulative);
    known.interval.import(interval);
  }

  #addFamily({ name, labelNames, series }: FamilyReport): void {
    const key = familyKey({ name, labelNames });
    let known = this.families.get(key);
    if (known === undefined) {
      known = { name, labelNames, series: new Map() };
      this.families.set(key, known);
    }
    for (const one of series) {
      const labels = one.labels.join('\0');
      const before = known.series.get(labels);
      known.series.set(labels, before === undefined ? one : addSeries(before, one));
    }
  }
}

function binsOf(counts: HistogramReport['cumulative']): LogLinearBins {
  const bins = new LogLinearBins();
  bins.import(counts);
  return bins;
}

function addSeries(a: SeriesReport, b: SeriesReport): SeriesReport {
  return {
    labels: a.labels,
    value: a.value + b.value,
    totals: a.totals?.map((total, bucket) => total + (b.totals?.[bucket] ?? 0)) ?? null,
    exemplars: a.exemplars.map((exemplar, bucket) => b.exemplars[bucket] ?? exemplar),
  };
}

/** Those of one name may have different labels. */
function familyKey({ name, labelNames }: Omit<FamilyReport, 'series'>): string {
  return [name, ...labelNames].join('\0');
}
