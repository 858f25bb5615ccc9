/** An access log that goes to a collector: one record of OpenTelemetry for each exchange. */

import type { SpanContext } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { ownText } from '../../base/own-text.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { unicodeFromWire } from '../../base/wire-text.ts';
import type { OtlpAccessLog as OtlpSettings } from '../../model/access-log-settings.ts';
import type { ExportQueue } from '../export-queue.ts';
import type { Expression } from '../expression/compile-expression.ts';
import { type CompiledFormat, compileFormat } from '../format/format.ts';
import type { FormatError } from '../format/format-syntax.ts';
import type { StreamInfo } from '../stream-info.ts';
import { type AccessLog, passes } from './access-log.ts';
import { compileLineFormat } from './access-log-format.ts';

/** What is written, compiled. */
export interface RecordFormat {
  readonly body: { format(info: StreamInfo): string };
  readonly attributes: readonly (readonly [name: string, format: CompiledFormat])[];
}

export function compileRecordFormat(
  settings: Pick<OtlpSettings, 'body' | 'attributes'>,
): Result<RecordFormat, FormatError> {
  const { body: text } = settings;
  const body =
    text === null
      ? compileLineFormat({ encoding: 'text', format: null })
      : compileFormat(text, 'access-log');
  if (!body.ok) return body;
  const attributes: [string, CompiledFormat][] = [];
  for (const [name, value] of Object.entries(settings.attributes)) {
    const format = compileFormat(value, 'access-log');
    if (!format.ok) return err(format.error);
    attributes.push([name, format.value]);
  }
  return ok({ body: body.value, attributes });
}

interface OtlpAccessLogOptions {
  readonly filter: Expression | null;
  readonly format: RecordFormat;
  readonly resource: Resource;
  readonly queue: ExportQueue<ReadableLogRecord>;
  /** A record could not be made: told once. */
  readonly onDefect: (error: Error) => void;
}

/** Of all records, so that they are grouped: Envoy gives none a name. */
const scope = { name: '' };

export class OtlpAccessLog implements AccessLog {
  readonly #filter: Expression | null;
  readonly #format: RecordFormat;
  readonly #resource: Resource;
  readonly #queue: ExportQueue<ReadableLogRecord>;
  #onDefect: (error: Error) => void;

  constructor({ filter, format, resource, queue, onDefect }: OtlpAccessLogOptions) {
    this.#filter = filter;
    this.#format = format;
    this.#resource = resource;
    this.#queue = queue;
    this.#onDefect = onDefect;
  }

  write(info: StreamInfo): void {
    if (!passes(this.#filter, info)) return;
    // Under overload dropping must be cheaper than writing.
    if (this.#queue.isFull) {
      this.#queue.drop(1);
      return;
    }
    try {
      this.#queue.add(this.#record(info));
    } catch (error) {
      // A defect of sluice: it costs this record, and no request.
      this.#queue.drop(1);
      this.#onDefect(error as Error);
      this.#onDefect = () => {};
    }
  }

  #record(info: StreamInfo): ReadableLogRecord {
    const attributes: Record<string, string> = {};
    for (const [name, format] of this.#format.attributes) {
      attributes[name] = keptText(format.format(info));
    }
    const time = hrTime(info.startedWall);
    const record: ReadableLogRecord = {
      hrTime: time,
      hrTimeObserved: time,
      body: keptText(this.#format.body.format(info)),
      resource: this.#resource,
      instrumentationScope: scope,
      attributes,
      droppedAttributesCount: 0,
    };
    return info.traceId === null
      ? record
      : { ...record, spanContext: spanContextOf(info, info.traceId) };
  }
}

/** Characters of a record, nearly all of which take a byte. */
export function recordSize({ body, attributes }: ReadableLogRecord): number {
  let size = String(body).length;
  for (const name in attributes) size += name.length + String(attributes[name]).length;
  return size;
}

/** Records wait for their collector after the request. */
function keptText(wire: string): string {
  return ownText(unicodeFromWire(wire));
}

/** Seconds and nanoseconds. */
function hrTime(wallMs: number): [number, number] {
  const seconds = Math.floor(wallMs / 1000);
  return [seconds, Math.floor((wallMs - seconds * 1000) * 1e6)];
}

/** Of a request that is not sampled the trace is known, and its span is nowhere. */
function spanContextOf({ spans }: StreamInfo, traceId: string): SpanContext {
  const spanId = spans?.context.spanId ?? '';
  return {
    traceId: ownText(traceId.padStart(32, '0')),
    spanId,
    traceFlags: spans === null ? 0 : 1,
  };
}
