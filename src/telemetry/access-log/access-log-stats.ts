/** What all access logs of a proxy count together. */

import type { ExportCounts } from '../export-queue.ts';
import type { Sample } from '../metrics/sample.ts';

export class AccessLogStats {
  linesTaken = 0;
  /** Because the disk was slow or failed. */
  linesDropped = 0;
  batches = 0;
  failures = 0;
  flushedByTimer = 0;
  reopenFailures = 0;
  /** Bytes that wait or are being written. */
  buffered = 0;

  /** Records that a collector has taken, and those that none has. */
  recordsSent = 0;
  recordsDropped = 0;

  /** Of the records. */
  readonly exports: ExportCounts = {
    sent: (records) => {
      this.recordsSent += records;
    },
    dropped: (records) => {
      this.recordsDropped += records;
    },
    reportSent: () => {},
    reportDropped: () => {},
    timerFlushed: () => {},
  };

  /** Envoy's names for its access logs, and those of what it does not count. */
  *samples(): Iterable<Sample> {
    yield { kind: 'counter', name: 'filesystem.write_buffered', value: this.linesTaken };
    yield { kind: 'counter', name: 'filesystem.write_completed', value: this.batches };
    yield { kind: 'counter', name: 'filesystem.write_failed', value: this.failures };
    yield { kind: 'counter', name: 'filesystem.flushed_by_timer', value: this.flushedByTimer };
    yield { kind: 'counter', name: 'filesystem.reopen_failed', value: this.reopenFailures };
    yield { kind: 'gauge', name: 'filesystem.write_total_buffered', value: this.buffered };
    yield {
      kind: 'counter',
      name: 'sluice_access_log_lines_dropped_total',
      value: this.linesDropped,
    };
    const otlp = 'access_logs.open_telemetry_access_log';
    yield { kind: 'counter', name: `${otlp}.logs_written`, value: this.recordsSent };
    yield { kind: 'counter', name: `${otlp}.logs_dropped`, value: this.recordsDropped };
  }
}
