/** Tracing from Telemetry, providers, MeshConfig and Bootstrap (Istio telemetry.go, core/tracing.go). */

import { compareText } from '../../../base/compare-text.ts';
import type { Collector } from '../../../model/collector.ts';
import type { CustomTag, TracingSettings } from '../../../model/tracing-settings.ts';
import type { CustomTag as CustomTagSpec } from '../../schema/custom-tag.ts';
import type { ExtensionProvider } from '../../schema/extension-providers.ts';
import type { ProxyTracing } from '../../schema/proxy-tracing.ts';
import { collectorAt, openTelemetryCollector, zipkinCollector } from './collectors.ts';
import {
  defaultsOf,
  isForMode,
  type Mode,
  providersOf,
  type TelemetryContext,
} from './telemetry-context.ts';
import type { NamedProvider, ProviderUse } from './telemetry-providers.ts';
import { resourceAttributes } from './tracing-resource.ts';

const tracing: ProviderUse = { kinds: ['opentelemetry', 'zipkin'], what: 'traces' };

const defaultSamplingPercent = 1;
const defaultPathTagLength = 256;

/** What Telemetry resources say, the last word on each. */
interface Merged {
  readonly provider: NamedProvider | null;
  readonly isDisabled: boolean;
  readonly samplingPercent: number | null;
  readonly customTags: Tags | null;
  readonly istioTags: boolean | null;
}

type Tags = Readonly<Record<string, CustomTagSpec>>;

/** Who takes the spans, and what is known of it alone. */
interface Destination {
  readonly collector: Collector | null;
  readonly maxTagLength: number;
}

export function tracingOf(context: TelemetryContext, mode: Mode): TracingSettings | null {
  const { settings, telemetries } = context;
  const isSpokenOf = telemetries.some(({ spec }) => (spec.tracing ?? []).length > 0);
  const [first] = defaultsOf(context, 'tracing');
  const { provider, ...merged } = mergeTracing(context, mode);
  const inherited = settings.tracing === null ? (first ?? null) : null;
  const named = provider ?? inherited;
  if (merged.isDisabled) return null;
  if (named !== null) {
    const destination = destinationOf(named, context);
    return destination === null ? null : settingsOf(destination, merged, context);
  }
  if (settings.tracing !== null) {
    const { endpoint, protocol = 'otlp-http' } = settings.tracing;
    return settingsOf(plain(collectorAt(endpoint, protocol)), merged, context);
  }
  // Where a Telemetry speaks of tracing, its provider is the only one.
  if (isSpokenOf || !settings.mesh.enableTracing) return null;
  return settingsOf(plain(proxyCollector(context)), merged, context);
}

function mergeTracing({ telemetries }: TelemetryContext, mode: Mode): Merged {
  let merged: Merged = {
    provider: null,
    isDisabled: false,
    samplingPercent: null,
    customTags: null,
    istioTags: null,
  };
  for (const telemetry of telemetries) {
    for (const [index, item] of (telemetry.spec.tracing ?? []).entries()) {
      if (!isForMode(item.match?.mode, mode)) continue;
      const [provider] = providersOf(item, telemetry, ['spec', 'tracing', index]);
      const tags = Object.keys(item.customTags ?? {}).length > 0 ? item.customTags : undefined;
      merged = {
        provider: provider ?? merged.provider,
        isDisabled: item.disableSpanReporting ?? merged.isDisabled,
        samplingPercent: item.randomSamplingPercentage ?? merged.samplingPercent,
        customTags: tags ?? merged.customTags,
        istioTags: item.enableIstioTags ?? merged.istioTags,
      };
    }
  }
  return merged;
}

function destinationOf(named: NamedProvider, context: TelemetryContext): Destination | null {
  const provider = context.providers.find(named, tracing);
  if (provider === null) return null;
  const collector = collectorOf(provider, named, context);
  if (collector === null) return null;
  const { opentelemetry, zipkin } = provider;
  return { collector, maxTagLength: (opentelemetry ?? zipkin)?.maxTagLength ?? 0 };
}

function collectorOf(
  { opentelemetry, zipkin }: ExtensionProvider,
  { place }: NamedProvider,
  { collectors }: TelemetryContext,
): Collector | null {
  if (opentelemetry !== undefined) return openTelemetryCollector(opentelemetry, collectors, place);
  return zipkin === undefined ? null : zipkinCollector(zipkin, collectors, place);
}

function plain(collector: Collector | null): Destination {
  return { collector, maxTagLength: 0 };
}

/** defaultConfig.tracing.zipkin.address. */
function proxyCollector({ settings, collectors, bootstrap }: TelemetryContext): Collector | null {
  const { address = '' } = settings.mesh.telemetry.proxyTracing.zipkin ?? {};
  const parts = /^(.+):(\d+)$/.exec(address);
  if (parts === null) return null;
  const [, service = '', port] = parts;
  const path = ['spec', 'meshConfig', 'defaultConfig', 'tracing', 'zipkin', 'address'];
  return zipkinCollector({ service, port: Number(port) }, collectors, {
    resource: bootstrap,
    path,
  });
}

function settingsOf(
  { collector, maxTagLength }: Destination,
  merged: Omit<Merged, 'provider'>,
  { settings }: TelemetryContext,
): TracingSettings {
  const { proxyTracing } = settings.mesh.telemetry;
  const own = settings.tracing?.sampling ?? null;
  return {
    randomSamplingPercent: merged.samplingPercent ?? own ?? proxySampling(proxyTracing),
    collector,
    customTags: customTags(merged.customTags ?? proxyTracing.customTags ?? {}),
    istioTags: merged.istioTags ?? proxyTracing.enableIstioTags ?? true,
    maxPathTagLength: maxTagLength || proxyTracing.maxPathTagLength || defaultPathTagLength,
    resource: resourceAttributes(settings),
  };
}

/** 0 is a field that is not set. */
function proxySampling({ sampling = 0 }: ProxyTracing): number {
  return sampling === 0 ? defaultSamplingPercent : sampling;
}

function customTags(tags: Tags): readonly CustomTag[] {
  return Object.entries(tags)
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([name, tag]) => customTag(name, tag) ?? []);
}

function customTag(name: string, tag: CustomTagSpec): CustomTag | null {
  const { literal, environment, header, formatter } = tag;
  if (literal !== undefined) return { kind: 'literal', name, value: literal.value };
  if (formatter !== undefined) return { kind: 'format', name, format: formatter.value };
  const { defaultValue = '' } = environment ?? header ?? {};
  const common = { name, defaultValue: defaultValue === '' ? null : defaultValue };
  if (environment !== undefined)
    return { kind: 'environment', ...common, variable: environment.name };
  return header === undefined
    ? null
    : { kind: 'header', ...common, header: header.name.toLowerCase() };
}
