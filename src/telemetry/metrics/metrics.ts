/**
 * The registry of metrics. Metrics with labels live here as families of slots, which the request
 * path resolves once and then only adds to; everything that already counts elsewhere is collected
 * as samples when somebody looks.
 */

import { Histogram } from './histogram.ts';
import { type FamilyOptions, MetricFamily, MetricValue } from './metric-family.ts';
import type { HistogramSample, Sample } from './sample.ts';

export type ValueFamily = MetricFamily<MetricValue>;
export type HistogramFamily = MetricFamily<Histogram>;

/** Log-linear histograms that live elsewhere. */
export interface HistogramSource {
  /** Names stand for one histogram each; those of one name are added up. */
  collect(): Iterable<HistogramSample>;
  endInterval(): void;
  reset(): void;
}

export class MetricsRegistry {
  #values: ValueFamily[] = [];
  #histograms: HistogramFamily[] = [];
  readonly #collectors: (() => Iterable<Sample>)[] = [];
  readonly #sources: HistogramSource[] = [];
  /** null until a metric has too many series. */
  #overflows: ValueFamily | null = null;
  /** Collected counters at the last reset: what counts elsewhere is not written to. */
  readonly #baseline = new Map<string, number>();

  counter(options: FamilyOptions): ValueFamily {
    return this.#add('counter', options);
  }

  gauge(options: FamilyOptions): ValueFamily {
    return this.#add('gauge', options);
  }

  /** `bounds` are the upper bounds of the buckets, ascending, without +Inf. */
  histogram(options: FamilyOptions & { readonly bounds: readonly number[] }): HistogramFamily {
    const family = new MetricFamily<Histogram>('histogram', options, {
      createSlot: () => new Histogram(options.bounds),
      onOverflow: () => this.#countOverflow(options.name),
    });
    this.#histograms.push(family);
    return family;
  }

  addCollector(collect: () => Iterable<Sample>): void {
    this.#collectors.push(collect);
  }

  addHistograms(source: HistogramSource): void {
    this.#sources.push(source);
  }

  /** Forgets what nobody counts any more. */
  remove(family: MetricFamily<unknown>): void {
    this.#values = this.#values.filter((known) => known !== family);
    this.#histograms = this.#histograms.filter((known) => known !== family);
  }

  /** Several of one name have different labels, and no series in common. */
  values(): Iterable<ValueFamily> {
    return this.#values;
  }

  histograms(): Iterable<HistogramFamily> {
    return this.#histograms;
  }

  /** What the collectors have, in order of names. Samples of one name are added up. */
  samples(): Sample[] {
    return this.unsortedSamples().sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The same, for those who have an order of their own: there may be very many. */
  unsortedSamples(): Sample[] {
    const samples = [...this.#collect().values()];
    return this.#baseline.size === 0 ? samples : samples.map((sample) => this.#sinceReset(sample));
  }

  /** Those of the sources, in order of names. */
  histogramSamples(): HistogramSample[] {
    const byName = new Map<string, HistogramSample>();
    for (const source of this.#sources) {
      for (const sample of source.collect()) {
        const known = byName.get(sample.name);
        if (known === undefined) byName.set(sample.name, sample);
        else addHistogram(known, sample);
      }
    }
    return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What was recorded since the last call is the last interval from now on. */
  endInterval(): void {
    for (const source of this.#sources) source.endInterval();
  }

  /** Counters and histograms start again at zero; gauges say what is, and stay. */
  reset(): void {
    for (const family of this.#values) {
      if (family.type === 'counter') family.reset(clearValue);
    }
    for (const family of this.#histograms) family.reset((slot) => slot.reset());
    for (const source of this.#sources) source.reset();
    this.#baseline.clear();
    for (const { kind, name, value } of this.#collect().values()) {
      if (kind === 'counter') this.#baseline.set(name, value);
    }
  }

  #collect(): Map<string, Sample> {
    const byName = new Map<string, Sample>();
    for (const collect of this.#collectors) {
      for (const sample of collect()) {
        const known = byName.get(sample.name);
        const value = (known?.value ?? 0) + sample.value;
        byName.set(sample.name, known === undefined ? sample : { ...sample, value });
      }
    }
    return byName;
  }

  #sinceReset(sample: Sample): Sample {
    const baseline = this.#baseline.get(sample.name);
    // Less than at the reset: its owner has been made anew since.
    if (baseline === undefined || sample.value < baseline) return sample;
    return { ...sample, value: sample.value - baseline };
  }

  #add(type: 'counter' | 'gauge', options: FamilyOptions): ValueFamily {
    const family = new MetricFamily(type, options, {
      createSlot: () => new MetricValue(),
      onOverflow: () => this.#countOverflow(options.name),
    });
    this.#values.push(family);
    return family;
  }

  #countOverflow(metric: string): void {
    this.#overflows ??= this.counter({
      name: 'sluice_metrics_overflow_total',
      help: 'Look-ups of label sets beyond the limit, which are counted as one: overflow',
      labelNames: ['metric'],
    });
    this.#overflows.slot([metric]).value++;
  }
}

/** Samples are copies, so that they may be added to. */
function addHistogram(to: HistogramSample, from: HistogramSample): void {
  to.cumulative.addAll(from.cumulative);
  to.interval.addAll(from.interval);
}

function clearValue(slot: MetricValue): void {
  slot.value = 0;
  slot.exemplar = null;
}
