/** Spans on their way to a collector, encoded. */

import {
  type ExportCounts,
  type Exporter,
  ExportQueue,
  type ExportQueueOptions,
} from '../export-queue.ts';
import type { TraceStats } from './trace-stats.ts';

type SpanQueueOptions = Omit<ExportQueueOptions, 'counts' | 'items' | 'flushIntervalMs'> & {
  readonly stats: TraceStats;
};

/** Envoy's default, and OpenTelemetry's. */
const flushIntervalMs = 5000;

export class SpanQueue extends ExportQueue<Buffer> {
  constructor(exporter: Exporter<Buffer>, { stats, ...options }: SpanQueueOptions) {
    super(exporter, { ...options, counts: countsOf(stats), items: 'spans', flushIntervalMs });
  }
}

function countsOf(stats: TraceStats): ExportCounts {
  return {
    sent(spans) {
      stats.spansSent += spans;
    },
    dropped(spans) {
      stats.spansDropped += spans;
    },
    reportSent() {
      stats.reportsSent++;
    },
    reportDropped() {
      stats.reportsDropped++;
    },
    timerFlushed() {
      stats.timerFlushed++;
    },
  };
}
