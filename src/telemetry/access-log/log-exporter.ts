/** Loads what sends log records to a collector, for who has one: see trace-exporter.ts. */

import type { Resource } from '@opentelemetry/resources';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { OtlpAccessLog } from '../../model/access-log-settings.ts';
import type { Collector } from '../../model/collector.ts';
import type { ProxyIdentity } from '../../model/proxy-identity.ts';
import { selfWorkload } from '../metrics/istio-labels.ts';

/** Rejects where the packages are missing. */
export async function loadLogExporter(collector: Collector): Promise<LogRecordExporter> {
  const { url, timeoutMs: timeoutMillis } = collector;
  const headers = { ...collector.headers };
  if (collector.protocol === 'otlp-grpc') {
    const { OTLPLogExporter } = await import('@opentelemetry/exporter-logs-otlp-grpc');
    const { Metadata } = await import('@grpc/grpc-js');
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    return new OTLPLogExporter({ url, metadata, timeoutMillis });
  }
  const { OTLPLogExporter } = await import('@opentelemetry/exporter-logs-otlp-proto');
  return new OTLPLogExporter({ url, headers, timeoutMillis });
}

/** Envoy's attributes of the resource: which log, and of which proxy. */
export async function logResource(
  settings: OtlpAccessLog,
  identity: ProxyIdentity,
): Promise<Resource> {
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const { canonicalName } = selfWorkload(identity);
  const { namespace, locality, workload } = identity;
  return resourceFromAttributes({
    log_name: settings.logName,
    zone_name: locality.zone,
    // As Istio names an Envoy.
    cluster_name: `${canonicalName}.${namespace}`,
    node_name: `${workload === '' ? canonicalName : workload}.${namespace}`,
  });
}
