/**
 * Sends spans over OTLP, encoded already: what is OpenTelemetry's here is the way, with retries,
 * compression, certificates and the environment variables that operators know.
 */

import type { Collector } from '../../model/collector.ts';
import type { Exporter } from '../export-queue.ts';
import { OtlpTraceRequests, type TraceOrigin } from './otlp-trace-request.ts';

/** What its exporters count, for metrics that nobody reads here. */
const counting = { name: 'span', countItems: (spans: readonly Buffer[]) => spans.length } as const;

const grpcMethod = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

/** Rejects where the packages are missing. */
export async function loadOtlpExporter(
  { protocol, url, headers, timeoutMs: timeoutMillis }: Collector,
  origin: TraceOrigin,
): Promise<Exporter<Buffer>> {
  const requests = new OtlpTraceRequests(origin);
  const serializer = {
    serializeRequest: (spans: readonly Buffer[]) => requests.join(spans),
    // What a collector says of spans that it has taken is for people, and nobody would see it.
    deserializeResponse: () => ({}),
  };
  if (protocol === 'otlp-grpc') {
    const { convertLegacyOtlpGrpcOptions, createOtlpGrpcExportDelegate } = await import(
      '@opentelemetry/otlp-grpc-exporter-base'
    );
    const { Metadata } = await import('@grpc/grpc-js');
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    const options = convertLegacyOtlpGrpcOptions({ url, metadata, timeoutMillis }, 'TRACES');
    return createOtlpGrpcExportDelegate(
      ...([options, serializer, 'otlp_grpc_span_exporter', counting, undefined] as const),
      ...(['TraceExportService', grpcMethod] as const),
    );
  }
  const { convertLegacyHttpOptions, createOtlpHttpExportDelegate } = await import(
    '@opentelemetry/otlp-exporter-base/node-http'
  );
  const required = { 'Content-Type': 'application/x-protobuf' };
  const given = { url, headers: { ...headers }, timeoutMillis };
  const options = convertLegacyHttpOptions(given, 'TRACES', 'v1/traces', required);
  const type = 'otlp_http_span_exporter';
  return createOtlpHttpExportDelegate(options, serializer, type, counting, undefined);
}
