/**
 * A collector of traces for tests: takes OTLP over HTTP and gRPC, decoded by the protocol's own
 * messages, and Zipkin's JSON, all on ports of its own.
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

/** A span as it came, whatever brought it. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: 'server' | 'client';
  readonly startNanos: bigint;
  readonly endNanos: bigint;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, string | number>>;
  }[];
  readonly status: { readonly code: number; readonly message: string };
  readonly traceState: string;
  readonly resource: Readonly<Record<string, string | number>>;
  readonly scope: string;
}

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string };
}

interface WireSpan {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly KeyValue[] }[];
  readonly status: { readonly code: number; readonly message: string } | null;
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version: string };
      readonly spans: readonly WireSpan[];
    }[];
  }[];
}

/** A span of Zipkin's API v2. */
export interface ZipkinSpan {
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string;
  readonly name: string;
  readonly kind: string;
  readonly timestamp: number;
  readonly duration: number;
  readonly localEndpoint: { readonly serviceName: string };
  readonly tags: Readonly<Record<string, string>>;
  readonly annotations?: readonly { readonly timestamp: number; readonly value: string }[];
}

const protoFile = fileURLToPath(new URL('../fixtures/otlp/trace.proto', import.meta.url));

function exportMethod(): MethodDefinition<object, ExportRequest> {
  const service = loadSync(protoFile, { longs: String, defaults: true, oneofs: true })[
    'opentelemetry.proto.collector.trace.v1.TraceService'
  ] as unknown as { readonly Export: MethodDefinition<object, ExportRequest> };
  return service.Export;
}

export class TraceCollector {
  readonly spans: CollectedSpan[] = [];
  readonly zipkinSpans: ZipkinSpan[] = [];
  /** Of each request over HTTP, and the metadata of each call. */
  readonly requestHeaders: IncomingHttpHeaders[] = [];
  /** Answers of the next requests over HTTP; 200 when there are none. */
  readonly statuses: number[] = [];
  /** Takes requests and leaves them without an answer. */
  silent = false;
  readonly #method = exportMethod();
  readonly #http: Server;
  readonly #rpc = new RpcServer();
  #rpcPort = 0;

  private constructor() {
    this.#http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (this.silent) return;
        this.requestHeaders.push(request.headers);
        const status = this.statuses.shift() ?? 200;
        if (status === 200) this.#take(request.url ?? '', Buffer.concat(chunks));
        response.writeHead(status).end();
      });
    });
  }

  /** Listens until the test ends. */
  static async start(t: Test): Promise<TraceCollector> {
    const collector = new TraceCollector();
    await collector.#listen();
    t.teardown(() => collector.stop());
    return collector;
  }

  get otlpUrl(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/v1/traces`;
  }

  get zipkinUrl(): string {
    return this.otlpUrl.replace('/v1/traces', '/api/v2/spans');
  }

  get grpcUrl(): string {
    return `http://127.0.0.1:${this.#rpcPort}`;
  }

  stop(): void {
    this.#http.close();
    this.#http.closeAllConnections();
    this.#rpc.forceShutdown();
  }

  /** Resolves when so many spans have come. */
  async received(count: number): Promise<readonly CollectedSpan[]> {
    const has = (): boolean => this.spans.length >= count;
    await eventually(`${count} spans`, { within: 10_000, every: 5 }, has);
    return this.spans;
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
          this.#takeOtlp(call.request);
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

  #take(path: string, body: Buffer): void {
    if (path === '/v1/traces') this.#takeOtlp(body);
    else this.zipkinSpans.push(...(JSON.parse(body.toString()) as ZipkinSpan[]));
  }

  #takeOtlp(body: Buffer): void {
    const request = this.#method.requestDeserialize(body) as ExportRequest;
    for (const { resource, scopeSpans } of request.resourceSpans) {
      for (const { scope, spans } of scopeSpans) {
        const from = { resource: recordOf(resource.attributes), scope: scope.name };
        this.spans.push(...spans.map((span) => ({ ...collected(span), ...from })));
      }
    }
  }
}

function collected(span: WireSpan): Omit<CollectedSpan, 'resource' | 'scope'> {
  return {
    traceId: span.traceId.toString('hex'),
    spanId: span.spanId.toString('hex'),
    parentSpanId: span.parentSpanId.toString('hex'),
    name: span.name,
    kind: span.kind === 2 ? 'server' : 'client',
    startNanos: BigInt(span.startTimeUnixNano),
    endNanos: BigInt(span.endTimeUnixNano),
    attributes: recordOf(span.attributes),
    events: span.events.map(({ name, attributes }) => ({ name, attributes: recordOf(attributes) })),
    status: { code: span.status?.code ?? 0, message: span.status?.message ?? '' },
    traceState: span.traceState,
  };
}

function recordOf(attributes: readonly KeyValue[]): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  );
}
