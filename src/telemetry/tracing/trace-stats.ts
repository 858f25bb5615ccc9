/** What became of spans, by the tracer of Envoy that would have sent them. */

import type { Sample } from '../metrics/sample.ts';

export class TraceStats {
  spansSent = 0;
  spansDropped = 0;
  /** Batches. */
  reportsSent = 0;
  reportsDropped = 0;
  timerFlushed = 0;
  readonly #tracer: 'opentelemetry' | 'zipkin';

  constructor(tracer: 'opentelemetry' | 'zipkin') {
    this.#tracer = tracer;
  }

  /** Envoy's names, and the losses of both tracers under one. */
  *samples(): Iterable<Sample> {
    const prefix = `tracing.${this.#tracer}`;
    yield { kind: 'counter', name: `${prefix}.spans_sent`, value: this.spansSent };
    yield { kind: 'counter', name: `${prefix}.timer_flushed`, value: this.timerFlushed };
    if (this.#tracer === 'zipkin') {
      yield { kind: 'counter', name: `${prefix}.reports_sent`, value: this.reportsSent };
      yield { kind: 'counter', name: `${prefix}.reports_dropped`, value: this.reportsDropped };
    } else {
      yield { kind: 'counter', name: `${prefix}.spans_dropped`, value: this.spansDropped };
    }
    yield { kind: 'counter', name: 'sluice_tracing_spans_dropped_total', value: this.spansDropped };
    const failures = this.reportsDropped;
    yield { kind: 'counter', name: 'sluice_tracing_reports_dropped_total', value: failures };
  }
}
