/** What all access logs of a proxy count together. */

import type { Sample } from './sample.ts';

export class AccessLogStats {
  linesTaken = 0;
  /** Because the disk was slow or failed. */
  linesDropped = 0;
  batches = 0;
  failures = 0;
  flushedByTimer = 0;
  reopenFailures = 0;
  /** Characters that wait or are being written. */
  buffered = 0;

  /** Envoy's names for its access-log files, and those of what it does not count. */
  *samples(): Iterable<Sample> {
    yield { kind: 'counter', name: 'filesystem.write_buffered', value: this.linesTaken };
    yield { kind: 'counter', name: 'filesystem.write_completed', value: this.batches };
    yield { kind: 'counter', name: 'filesystem.write_failed', value: this.failures };
    yield { kind: 'counter', name: 'filesystem.flushed_by_timer', value: this.flushedByTimer };
    yield { kind: 'counter', name: 'filesystem.reopen_failed', value: this.reopenFailures };
    yield { kind: 'gauge', name: 'filesystem.write_total_buffered', value: this.buffered };
    yield { kind: 'counter', name: 'sluice_access_log_lines_dropped', value: this.linesDropped };
  }
}
