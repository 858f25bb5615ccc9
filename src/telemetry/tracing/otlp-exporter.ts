/**
 * Loads what sends spans over OTLP, encoded already. What OpenTelemetry's exporters heed is heeded
 * here: environment variables for headers, compression and certificates; over gRPC they do it all.
 */

import { systemClock } from '../../base/clock.ts';
import { http } from '../../base/node-http.ts';
import { randomSeed, SeededRandom } from '../../base/random.ts';
import { systemTimers } from '../../base/timers.ts';
import { isFieldName, isFieldValue } from '../../http1/field-syntax.ts';
import type { Collector } from '../../model/collector.ts';
import type { Exporter } from '../export-queue.ts';
import { OtlpTraceRequests, type TraceOrigin } from './otlp-trace-request.ts';
import type { SpanBatch } from './span-batch.ts';

/** Rejects where the packages are missing. */
export function loadOtlpExporter(
  collector: Collector,
  origin: TraceOrigin,
): Promise<Exporter<SpanBatch>> {
  const requests = new OtlpTraceRequests(origin);
  if (collector.protocol === 'otlp-grpc') return loadGrpc(collector, requests);
  const { name, version } = origin.scope;
  return loadHttp(collector, requests, `${name}/${version}`);
}

async function loadHttp(
  { url, headers: given, timeoutMs }: Collector,
  requests: OtlpTraceRequests,
  userAgent: string,
): Promise<Exporter<SpanBatch>> {
  const { convertLegacyHttpOptions } = await import('@opentelemetry/otlp-exporter-base/node-http');
  const configured = { url, headers: { ...given }, timeoutMillis: timeoutMs };
  const required = { 'Content-Type': 'application/x-protobuf' };
  const options = convertLegacyHttpOptions(configured, 'TRACES', 'v1/traces', required);
  const headers: Record<string, string> = {
    ...(await options.headers()),
    'User-Agent': userAgent,
  };
  checkHeaders(headers);
  const isCompressed = options.compression === 'gzip';
  if (isCompressed) headers['Content-Encoding'] = 'gzip';
  const isTls = url.startsWith('https:');
  const { OtlpHttpExporter } = await import('./otlp-http-exporter.ts');
  return new OtlpHttpExporter({
    url: new URL(url),
    headers,
    timeoutMs,
    isCompressed,
    // Theirs knows of certificates. For plain text it would load too much.
    agent: isTls ? await options.agentFactory('https:') : new http.Agent({ keepAlive: true }),
    request: isTls ? (await import('node:https')).request : http.request,
    requests,
    clock: systemClock,
    timers: systemTimers,
    random: new SeededRandom(randomSeed()),
  });
}

/** Those of the environment have not been checked. Their names and values may be secrets. */
function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (isFieldName(name.toLowerCase()) && isFieldValue(value)) continue;
    throw new Error('OTEL_EXPORTER_OTLP_HEADERS has a name or a value that no header may have');
  }
}

/** What its exporters count, batches here, for metrics that nobody reads. */
const counting = { name: 'span', countItems: () => 1 } as const;

const grpcMethod = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

async function loadGrpc(
  { url, headers, timeoutMs: timeoutMillis }: Collector,
  requests: OtlpTraceRequests,
): Promise<Exporter<SpanBatch>> {
  const { convertLegacyOtlpGrpcOptions, createOtlpGrpcExportDelegate } = await import(
    '@opentelemetry/otlp-grpc-exporter-base'
  );
  const { Metadata } = await import('@grpc/grpc-js');
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const serializer = {
    serializeRequest: (request: Buffer) => request,
    // What a collector says of spans that it has taken is for people, and nobody would see it.
    deserializeResponse: () => ({}),
  };
  const options = convertLegacyOtlpGrpcOptions({ url, metadata, timeoutMillis }, 'TRACES');
  const delegate = createOtlpGrpcExportDelegate(
    ...([options, serializer, 'otlp_grpc_span_exporter', counting, undefined] as const),
    ...(['TraceExportService', grpcMethod] as const),
  );
  return {
    export: (spans, answer) => delegate.export(requests.join(spans), answer),
    shutdown: () => delegate.shutdown(),
  };
}
