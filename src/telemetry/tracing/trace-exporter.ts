/**
 * Loads what encodes spans and sends them to a collector. What OpenTelemetry brings for it are
 * dozens of files, so that only who has a collector loads them.
 */

import { programVersion } from '../../base/program-version.ts';
import type { Collector } from '../../model/collector.ts';
import type { Exporter } from '../export-queue.ts';
import type { SpanBatch } from './span-batch.ts';
import type { SpanEncoder } from './span-encoder.ts';

export interface LoadedExporter {
  readonly encoder: SpanEncoder;
  /** Takes what the encoder has made. */
  readonly exporter: Exporter<SpanBatch>;
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
  const resource = await resourceAttributes(layers);
  if (collector.protocol === 'zipkin') {
    const { ZipkinSpanEncoder } = await import('./zipkin-span-encoder.ts');
    const { ZipkinExporter } = await import('./zipkin-exporter.ts');
    const exporter = await ZipkinExporter.load(collector);
    return { encoder: new ZipkinSpanEncoder(resource), exporter };
  }
  const { OtlpSpanEncoder } = await import('./otlp-span-encoder.ts');
  const { loadOtlpExporter } = await import('./otlp-exporter.ts');
  const scope = { name: 'sluice', version: programVersion() };
  const exporter = await loadOtlpExporter(collector, { resource, scope });
  return { encoder: new OtlpSpanEncoder(), exporter };
}

/** OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME stand over both: they are for this process. */
async function resourceAttributes(layers: ResourceLayers): Promise<Record<string, string>> {
  const { detectResources, envDetector } = await import('@opentelemetry/resources');
  const detected = detectResources({ detectors: [envDetector] });
  await detected.waitForAsyncAttributes?.();
  const attributes: Record<string, string> = { ...layers.defaults, ...layers.configured };
  for (const [name, value] of Object.entries(detected.attributes)) attributes[name] = String(value);
  return attributes;
}
