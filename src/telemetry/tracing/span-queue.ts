/** Spans on their way to a collector, encoded. */

import {
  type ExportCounts,
  type Exporter,
  ExportQueue,
  type ExportQueueOptions,
} from '../export-queue.ts';
import { type SpanBatch, SpanBatches } from './span-batch.ts';
import type { TraceStats } from './trace-stats.ts';

type SpanQueueOptions = Pick<
  ExportQueueOptions<Uint8Array, SpanBatch>,
  'collector' | 'timers' | 'logger'
> & {
  readonly stats: TraceStats;
};

/** Envoy's default, and OpenTelemetry's. */
const flushIntervalMs = 5000;

/** `exporter` takes what it needs of a batch before it returns. */
export class SpanQueue extends ExportQueue<Uint8Array, SpanBatch> {
  constructor(exporter: Exporter<SpanBatch>, { stats, ...options }: SpanQueueOptions) {
    const [counts, batches] = [countsOf(stats), new SpanBatches()];
    super(exporter, { ...options, counts, batches, sizeOf, items: 'spans', flushIntervalMs });
  }
}

function sizeOf({ length }: Uint8Array): number {
  return length;
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
