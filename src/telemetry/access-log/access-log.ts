/** One access log: what it takes, how it looks, and where it goes. */

import type { Expression } from '../expression/compile-expression.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { LineFormat } from './access-log-format.ts';
import type { LogWriter } from './log-writer.ts';

export interface AccessLog {
  /** Never throws and never waits. */
  write(info: StreamInfo): void;
}

/** Lines of a file, which other logs may share. */
export class FileAccessLog implements AccessLog {
  readonly #filter: Expression | null;
  readonly #format: LineFormat;
  readonly #writer: LogWriter;

  constructor(filter: Expression | null, format: LineFormat, writer: LogWriter) {
    this.#filter = filter;
    this.#format = format;
    this.#writer = writer;
  }

  write(info: StreamInfo): void {
    if (!passes(this.#filter, info) || !this.#writer.admit()) return;
    this.#writer.write(this.#format, info);
  }
}

/** As in Envoy, only what the expression is true of, not what it cannot be evaluated for. */
export function passes(filter: Expression | null, info: StreamInfo): boolean {
  return filter === null || filter.evaluate(info) === true;
}
