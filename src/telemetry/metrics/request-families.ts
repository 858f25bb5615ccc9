/** Istio's standard metrics of HTTP requests, with the labels that settings give them. */

import { ownText } from '../../base/own-text.ts';
import type { MetricsSettings } from '../../model/metrics-settings.ts';
import { durationBounds } from './duration-bounds.ts';
import type { Histogram } from './histogram.ts';
import { istioLabelNames } from './istio-labels.ts';
import type { MetricFamily, MetricValue } from './metric-family.ts';
import { MetricTags } from './metric-tags.ts';
import type { MetricsRegistry } from './metrics.ts';
import { PlannedFamily } from './planned-family.ts';

/** 1 byte to 10 GB. */
const byteBounds: readonly number[] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

/** By field of RequestSlots. */
const counters = {
  requests: { name: 'istio_requests_total', help: 'Requests that were handled' },
  requestMessages: {
    name: 'istio_request_messages_total',
    help: 'Messages of gRPC requests',
  },
  responseMessages: {
    name: 'istio_response_messages_total',
    help: 'Messages of gRPC responses',
  },
} as const;
const histograms = {
  duration: {
    name: 'istio_request_duration_milliseconds',
    help: 'Time from the first byte of a request to the last byte of its response',
    bounds: durationBounds,
  },
  requestBytes: {
    name: 'istio_request_bytes',
    help: 'Sizes of request bodies',
    bounds: byteBounds,
  },
  responseBytes: {
    name: 'istio_response_bytes',
    help: 'Sizes of response bodies',
    bounds: byteBounds,
  },
} as const;
const metricNames = [...Object.values(counters), ...Object.values(histograms)].map(
  ({ name }) => name,
);

/** Where one label set is counted; null for what is disabled. */
export interface RequestSlots {
  readonly requests: MetricValue | null;
  readonly duration: Histogram | null;
  readonly requestBytes: Histogram | null;
  readonly responseBytes: Histogram | null;
  /** null also for what is no gRPC. */
  readonly requestMessages: MetricValue | null;
  readonly responseMessages: MetricValue | null;
}

/** null: the metric is disabled. */
type Planned<Slot> = PlannedFamily<Slot> | null;

/** All metrics of one side, with the labels that its settings give them. */
export class RequestFamilies {
  readonly tags: MetricTags;
  readonly #requests: Planned<MetricValue>;
  readonly #requestMessages: Planned<MetricValue>;
  readonly #responseMessages: Planned<MetricValue>;
  readonly #duration: Planned<Histogram>;
  readonly #requestBytes: Planned<Histogram>;
  readonly #responseBytes: Planned<Histogram>;

  constructor(registry: MetricsRegistry, settings: MetricsSettings) {
    const tags = new MetricTags(settings, metricNames, istioLabelNames);
    const counter = (which: keyof typeof counters): Planned<MetricValue> => {
      const plan = tags.planOf(counters[which].name);
      if (plan === null) return null;
      const options = { ...counters[which], labelNames: plan.names };
      return new PlannedFamily(registry.counter(options), plan);
    };
    const histogram = (which: keyof typeof histograms): Planned<Histogram> => {
      const plan = tags.planOf(histograms[which].name);
      if (plan === null) return null;
      const options = { ...histograms[which], labelNames: plan.names };
      return new PlannedFamily(registry.histogram(options), plan);
    };
    this.tags = tags;
    this.#requests = counter('requests');
    this.#duration = histogram('duration');
    this.#requestBytes = histogram('requestBytes');
    this.#responseBytes = histogram('responseBytes');
    this.#requestMessages = counter('requestMessages');
    this.#responseMessages = counter('responseMessages');
  }

  get all(): readonly MetricFamily<unknown>[] {
    const planned: readonly (PlannedFamily<unknown> | null)[] = [
      ...[this.#requests, this.#requestMessages, this.#responseMessages],
      ...[this.#duration, this.#requestBytes, this.#responseBytes],
    ];
    return planned.filter((each) => each !== null).map(({ family }) => family);
  }

  slots(base: readonly string[], values: readonly string[], isGrpc: boolean): RequestSlots {
    // Series stay for as long as the process does.
    const tags = values.map(ownText);
    return {
      requests: this.#requests?.slot(base, tags) ?? null,
      duration: this.#duration?.slot(base, tags) ?? null,
      requestBytes: this.#requestBytes?.slot(base, tags) ?? null,
      responseBytes: this.#responseBytes?.slot(base, tags) ?? null,
      requestMessages: isGrpc ? (this.#requestMessages?.slot(base, tags) ?? null) : null,
      responseMessages: isGrpc ? (this.#responseMessages?.slot(base, tags) ?? null) : null,
    };
  }
}
