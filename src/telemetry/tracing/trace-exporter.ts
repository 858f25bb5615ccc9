/**
 * Loads what sends spans to a collector: the exporters of OpenTelemetry. They come with a hundred
 * files, so that only who has a collector loads them.
 */

import type { TraceState } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Collector } from '../../model/collector.ts';

export interface LoadedExporter {
  readonly exporter: SpanExporter;
  readonly resource: Resource;
  readonly createTraceState: (text: string) => TraceState;
}

/** Attributes of the resource; what is configured stands over the defaults. */
export interface ResourceLayers {
  readonly defaults: Readonly<Record<string, string>>;
  readonly configured: Readonly<Record<string, string>>;
}

/** Rejects where the packages are missing. */
export async function loadTraceExporter(
  collector: Collector,
  layers: ResourceLayers,
): Promise<LoadedExporter> {
  const [exporter, resource, { createTraceState }] = await Promise.all([
    createExporter(collector),
    createResource(layers),
    import('@opentelemetry/api'),
  ]);
  return { exporter, resource, createTraceState };
}

async function createExporter(collector: Collector): Promise<SpanExporter> {
  const { url, timeoutMs: timeoutMillis } = collector;
  const headers = { ...collector.headers };
  switch (collector.protocol) {
    case 'otlp-http': {
      const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
      return new OTLPTraceExporter({ url, headers, timeoutMillis });
    }
    case 'otlp-grpc': {
      const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
      const { Metadata } = await import('@grpc/grpc-js');
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      return new OTLPTraceExporter({ url, metadata, timeoutMillis });
    }
    case 'zipkin': {
      const { ZipkinExporter } = await import('./zipkin-exporter.ts');
      return await ZipkinExporter.load(collector);
    }
  }
}

/** OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME stand over both: they are for this process. */
async function createResource({ defaults, configured }: ResourceLayers): Promise<Resource> {
  const { detectResources, envDetector, resourceFromAttributes } = await import(
    '@opentelemetry/resources'
  );
  const detected = detectResources({ detectors: [envDetector] });
  await detected.waitForAsyncAttributes?.();
  return resourceFromAttributes({ ...defaults, ...configured }).merge(detected);
}
