/**
 * A collector of logs for tests: takes OTLP over HTTP and gRPC, decoded by the protocol's own
 * messages, on ports of its own.
 */

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import {
  Metadata,
  type MethodDefinition,
  Server as RpcServer,
  ServerCredentials,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Test } from 'tap';
import { eventually } from './deadline.ts';

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

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface ExportRequest {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeLogs: readonly {
      readonly logRecords: readonly {
        readonly timeUnixNano: string;
        readonly body: KeyValue['value'];
        readonly attributes: readonly KeyValue[];
        readonly traceId: Buffer;
        readonly spanId: Buffer;
      }[];
    }[];
  }[];
}

const protoFile = fileURLToPath(new URL('../fixtures/otlp/logs.proto', import.meta.url));

function exportMethod(): MethodDefinition<object, ExportRequest> {
  const service = loadSync(protoFile, { longs: String, defaults: true, oneofs: true })[
    'opentelemetry.proto.collector.logs.v1.LogsService'
  ] as unknown as { readonly Export: MethodDefinition<object, ExportRequest> };
  return service.Export;
}

export class LogCollector {
  readonly records: CollectedRecord[] = [];
  /** Of each request over HTTP, and the metadata of each call. */
  readonly requestHeaders: IncomingHttpHeaders[] = [];
  /** Status of all requests over HTTP. */
  status = 200;
  readonly #method = exportMethod();
  readonly #http: Server;
  readonly #rpc = new RpcServer();
  #rpcPort = 0;

  private constructor() {
    this.#http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.requestHeaders.push(request.headers);
        if (this.status === 200 && request.url === '/v1/logs') this.#take(Buffer.concat(chunks));
        response.writeHead(this.status).end();
      });
    });
  }

  /** Listens until the test ends. */
  static async start(t: Test): Promise<LogCollector> {
    const collector = new LogCollector();
    await collector.#listen();
    t.teardown(() => collector.#stop());
    return collector;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/v1/logs`;
  }

  get grpcUrl(): string {
    return `http://127.0.0.1:${this.#rpcPort}`;
  }

  /** Resolves when so many records have come. */
  async received(count: number): Promise<readonly CollectedRecord[]> {
    const has = (): boolean => this.records.length >= count;
    await eventually(`${count} records`, { within: 10_000, every: 5 }, has);
    return this.records;
  }

  async #listen(): Promise<void> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    const method = this.#method as MethodDefinition<unknown, unknown>;
    this.#rpc.addService(
      { Export: { ...method, requestDeserialize: (bytes: Buffer) => bytes } } as never,
      {
        Export: (
          call: { readonly request: Buffer; readonly metadata: Metadata },
          answer: sendUnaryData<object>,
        ) => {
          this.requestHeaders.push(call.metadata.getMap() as IncomingHttpHeaders);
          this.#take(call.request);
          answer(null, {}, new Metadata());
        },
      } as never,
    );
    this.#rpcPort = await new Promise<number>((resolve, reject) => {
      this.#rpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  }

  #stop(): void {
    this.#http.close();
    this.#http.closeAllConnections();
    this.#rpc.forceShutdown();
  }

  #take(body: Buffer): void {
    const request = this.#method.requestDeserialize(body) as ExportRequest;
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
