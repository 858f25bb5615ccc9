/** Changes to metrics from Telemetry and providers (Istio telemetry.go mergeMetrics). */

import type { MetricOverride, MetricsSettings } from '../../../model/metrics-settings.ts';
import { nearestName } from '../../schema/suggest.ts';
import type { MetricSelector, MetricsOverride } from '../../schema/telemetry.ts';
import { expressionMistake } from '../../validation/expression.ts';
import { type FindingPlace, translationCode } from '../translation-findings.ts';
import {
  defaultsOf,
  isForMode,
  type Mode,
  providersOf,
  type TelemetryContext,
} from './telemetry-context.ts';
import type { NamedProvider, ProviderUse } from './telemetry-providers.ts';

const metrics: ProviderUse = { kinds: ['prometheus'], what: 'metrics' };

/** Names of the Telemetry API to those of Prometheus. */
const metricNames: Readonly<Record<string, string>> = {
  REQUEST_COUNT: 'istio_requests_total',
  REQUEST_DURATION: 'istio_request_duration_milliseconds',
  REQUEST_SIZE: 'istio_request_bytes',
  RESPONSE_SIZE: 'istio_response_bytes',
  TCP_OPENED_CONNECTIONS: 'istio_tcp_connections_opened_total',
  TCP_CLOSED_CONNECTIONS: 'istio_tcp_connections_closed_total',
  TCP_SENT_BYTES: 'istio_tcp_sent_bytes_total',
  TCP_RECEIVED_BYTES: 'istio_tcp_received_bytes_total',
  GRPC_REQUEST_MESSAGES: 'istio_request_messages_total',
  GRPC_RESPONSE_MESSAGES: 'istio_response_messages_total',
};
const allMetrics = Object.values(metricNames);

/** An override and the providers that its item is for. */
interface PlacedOverride {
  readonly override: MetricsOverride;
  readonly place: FindingPlace;
  readonly providers: readonly NamedProvider[];
}

export function metricsOf(context: TelemetryContext, mode: Mode): MetricsSettings {
  const { used, overrides } = mergeProviders(context);
  const exporter = used.find((named) => context.providers.find(named, metrics) !== null);
  if (exporter === undefined) return switchedOff();
  const merged = new Map<string, MetricOverride>();
  let isOff = false;
  for (const placed of overrides) {
    const { override, providers } = placed;
    const { match = {}, disabled = false } = override;
    if (!isForMode(match.mode, mode)) continue;
    if (!providers.some(({ name }) => name === exporter.name)) continue;
    // Istio takes the whole filter away, and any later override brings it back.
    isOff = disabled && isForAll(match);
    if (isOff) continue;
    for (const metric of matching(match, placed, context)) {
      merged.set(metric, mergeOverride(merged.get(metric), override));
    }
  }
  return isOff ? switchedOff() : Object.fromEntries([...merged].filter(differs).sort(byName));
}

/** The providers of the last item that names some; what is for others does not count. */
function mergeProviders(context: TelemetryContext): {
  readonly used: readonly NamedProvider[];
  readonly overrides: readonly PlacedOverride[];
} {
  let used = defaultsOf(context, 'metrics');
  const overrides: PlacedOverride[] = [];
  for (const resource of context.telemetries) {
    for (const [index, item] of (resource.spec.metrics ?? []).entries()) {
      const path = ['spec', 'metrics', index];
      const own = providersOf(item, resource, path);
      used = own.length > 0 ? own : used;
      for (const [position, override] of (item.overrides ?? []).entries()) {
        const place = { resource, path: [...path, 'overrides', position] };
        overrides.push({ override, place, providers: used });
      }
    }
  }
  return { used, overrides };
}

function switchedOff(): MetricsSettings {
  return Object.fromEntries(allMetrics.map((name) => [name, { disabled: true, tags: {} }]));
}

function isForAll({ metric, customMetric }: MetricSelector): boolean {
  return customMetric === undefined && (metric ?? 'ALL_METRICS') === 'ALL_METRICS';
}

function matching(
  match: MetricSelector,
  { place }: PlacedOverride,
  { findings }: TelemetryContext,
): readonly string[] {
  if (isForAll(match)) return allMetrics;
  const { metric, customMetric } = match;
  if (customMetric === undefined) return [metricNames[metric ?? ''] ?? ''];
  const name = customMetric.startsWith('istio_') ? customMetric : `istio_${customMetric}`;
  if (allMetrics.includes(name)) return [name];
  const near = nearestName(name, allMetrics);
  findings.add(
    translationCode.unknownMetric,
    { ...place, path: [...place.path, 'match', 'customMetric'] },
    {
      message: `there is no metric "${customMetric}"; nothing is changed`,
      hint: near === null ? 'metrics of your own are not supported' : `did you mean "${near}"?`,
    },
  );
  return [];
}

function mergeOverride(
  known: MetricOverride | undefined,
  { disabled, tagOverrides = {} }: MetricsOverride,
): MetricOverride {
  const tags = { ...known?.tags };
  for (const [name, { operation = 'UPSERT', value = '' }] of Object.entries(tagOverrides)) {
    if (operation === 'REMOVE') tags[name] = null;
    else {
      // Validation has said what is wrong with it.
      const mistake = expressionMistake(value);
      if (mistake === null || mistake.kind === 'part') tags[name] = value;
      else if (mistake.kind === 'meaning') tags[name] = '"unknown"';
    }
  }
  return { disabled: disabled ?? known?.disabled ?? false, tags };
}

function differs([, { disabled, tags }]: [string, MetricOverride]): boolean {
  return disabled || Object.keys(tags).length > 0;
}

function byName([a]: [string, MetricOverride], [b]: [string, MetricOverride]): number {
  return a < b ? -1 : 1;
}
