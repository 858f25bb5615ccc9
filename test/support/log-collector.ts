/**
 * A collector of logs for tests: takes OTLP over HTTP and gRPC, decoded by the protocol's own
 * messages, on ports of its own.
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { Test } from 'tap';
import { eventually } from './deadline.ts';
import { decodeLogs, type KeyValue } from './otlp-messages.ts';
import { OtlpReceiver } from './otlp-receiver.ts';

/** A record as it came, whatever brought it. */
export interface CollectedRecord {
  readonly timeNanos: bigint;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Hexadecimal, empty for none. */
  readonly traceId: string;
  readonly spanId: string;
  readonly resource: Readonly<Record<string, string>>;
}

export class LogCollector {
  readonly records: CollectedRecord[] = [];
  readonly #receiver: OtlpReceiver;

  private constructor(receiver: OtlpReceiver) {
    this.#receiver = receiver;
  }

  /** Listens until the test ends. */
  static async start(t: Test): Promise<LogCollector> {
    const receiver = await OtlpReceiver.open({
      service: 'opentelemetry.proto.collector.logs.v1.LogsService',
      onBytes: (bytes) => collector.#take(bytes),
    });
    const collector = new LogCollector(receiver);
    t.teardown(() => receiver.close());
    return collector;
  }

  get requestHeaders(): IncomingHttpHeaders[] {
    return this.#receiver.requestHeaders;
  }

  /** Answers of the next requests over HTTP; 200 when there are none. */
  get statuses(): number[] {
    return this.#receiver.statuses;
  }

  get httpUrl(): string {
    return `${this.#receiver.httpUrl}/v1/logs`;
  }

  get grpcUrl(): string {
    return this.#receiver.grpcUrl;
  }

  /** Resolves when so many records have come. */
  async received(count: number): Promise<readonly CollectedRecord[]> {
    const has = (): boolean => this.records.length >= count;
    await eventually(`${count} records`, { within: 10_000, every: 5 }, has);
    return this.records;
  }

  #take(body: Buffer): void {
    const request = decodeLogs(body);
    for (const { resource, scopeLogs } of request.resourceLogs) {
      for (const record of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
        this.records.push({
          timeNanos: BigInt(record.timeUnixNano),
          body: record.body.stringValue ?? '',
          attributes: textsOf(record.attributes),
          traceId: record.traceId.toString('hex'),
          spanId: record.spanId.toString('hex'),
          resource: textsOf(resource.attributes),
        });
      }
    }
  }
}

function textsOf(attributes: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? '']));
}
