/** Access logs from Telemetry, providers and MeshConfig (Istio telemetry.go, telemetry_logging.go). */

import { compareText } from '../../../base/compare-text.ts';
import type { AccessLogSettings, FileAccessLog } from '../../../model/access-log-settings.ts';
import type { AccessLogDefaults } from '../../proxy-settings.ts';
import type { EnvoyOtelAls, ExtensionProvider } from '../../schema/extension-providers.ts';
import type { AccessLogging } from '../../schema/telemetry.ts';
import { filterMistake, isOfPart } from '../../validation/expression.ts';
import { type FindingPlace, translationCode } from '../translation-findings.ts';
import { otlpLogCollector } from './collectors.ts';
import {
  defaultsOf,
  isForMode,
  type Mode,
  providersOf,
  type TelemetryContext,
} from './telemetry-context.ts';
import type { Telemetry } from './telemetry-levels.ts';
import type { NamedProvider, ProviderUse } from './telemetry-providers.ts';

const logging: ProviderUse = {
  kinds: ['envoyFileAccessLog', 'envoyOtelAls'],
  what: 'access logs',
};

/** A provider that an item of a Telemetry switches on or off. */
interface Verdict extends NamedProvider {
  readonly isDisabled: boolean;
  readonly filter: string | null;
}

export function accessLogsOf(context: TelemetryContext, mode: Mode): readonly AccessLogSettings[] {
  const { settings, telemetries } = context;
  const levels = telemetries.filter(({ spec }) => (spec.accessLogging ?? []).length > 0);
  const defaults = defaultsOf(context, 'accessLogging');
  const verdicts = verdictsOf(levels, defaults, mode);
  reportIdleItems(context, levels, verdicts.length > 0);
  const decided = verdicts.flatMap((verdict) => {
    const provider = context.providers.find(verdict, logging);
    return provider === null ? [] : [{ verdict, provider }];
  });
  if (decided.length === 0) {
    const isSpokenOf = levels.length > 0 || defaults.length > 0;
    return fallback(settings.accessLog, isSpokenOf);
  }
  return decided.flatMap(({ verdict, provider }) =>
    verdict.isDisabled ? [] : (accessLogOf(provider, verdict, context) ?? []),
  );
}

/** In the order of their names. */
function verdictsOf(
  levels: readonly Telemetry[],
  defaults: readonly NamedProvider[],
  mode: Mode,
): readonly Verdict[] {
  const verdicts = new Map<string, Verdict>();
  const add = (named: NamedProvider, item: Pick<AccessLogging, 'disabled'>) => {
    const isDisabled = item.disabled ?? false;
    const filter = isDisabled ? null : (filters.get(named.name) ?? null);
    verdicts.set(named.name, { ...named, isDisabled, filter });
  };
  const filters = filtersOf(levels, mode);
  if (levels.length === 0) for (const named of defaults) add(named, {});
  const used = usedProviders(levels, defaults, mode);
  let inherited = defaults;
  for (const telemetry of levels) {
    for (const [index, item] of (telemetry.spec.accessLogging ?? []).entries()) {
      const own = providersOf(item, telemetry, ['spec', 'accessLogging', index]);
      inherited = own.length > 0 ? own : inherited;
      if (!isForMode(item.match?.mode, mode)) continue;
      for (const named of inherited) if (used.has(named.name)) add(named, item);
    }
  }
  return [...verdicts.values()].sort((a, b) => compareText(a.name, b.name));
}

/** Those of the last level that names any; what levels above it name does not count. */
function usedProviders(
  levels: readonly Telemetry[],
  defaults: readonly NamedProvider[],
  mode: Mode,
): ReadonlySet<string> {
  let used = defaults.map(({ name }) => name);
  for (const { spec } of levels) {
    const items = (spec.accessLogging ?? []).filter(({ match }) => isForMode(match?.mode, mode));
    const own = items.flatMap(({ providers = [] }) => providers.map(({ name }) => name));
    if (own.length > 0) used = own;
  }
  return new Set(used);
}

/** A filter counts only beside a list of providers: that of the last item that names them. */
function filtersOf(levels: readonly Telemetry[], mode: Mode): ReadonlyMap<string, string | null> {
  const filters = new Map<string, string | null>();
  for (const { spec } of levels) {
    for (const { match, providers = [], filter } of spec.accessLogging ?? []) {
      if (!isForMode(match?.mode, mode)) continue;
      for (const { name } of providers) filters.set(name, filterOf(filter?.expression));
    }
  }
  return filters;
}

/** What never has a value lets nothing pass; validation has said so. */
function filterOf(expression: string | undefined): string | null {
  if (expression === undefined) return null;
  const mistake = filterMistake(expression);
  return mistake === null || isOfPart(mistake) ? expression : 'false';
}

/** Istio falls back to accessLogFile wherever no provider is decided on. */
function fallback(
  { source, file }: AccessLogDefaults,
  isSpokenOf: boolean,
): readonly AccessLogSettings[] {
  return file === null || (source === 'default' && isSpokenOf) ? [] : [file];
}

/** Two surprises of Istio: what names no provider may switch off none, and filters none. */
function reportIdleItems(
  { settings, findings }: TelemetryContext,
  levels: readonly Telemetry[],
  hasProviders: boolean,
): void {
  const { file, source } = settings.accessLog;
  const goesOn = !hasProviders && file !== null && source !== 'default' ? file.path : null;
  for (const resource of levels) {
    for (const [index, item] of (resource.spec.accessLogging ?? []).entries()) {
      if ((item.providers ?? []).length > 0) continue;
      const path = ['spec', 'accessLogging', index];
      if (item.disabled === true && goesOn !== null) {
        findings.add(
          translationCode.idleTelemetry,
          { resource, path: [...path, 'disabled'] },
          {
            message: `there is no provider to disable: ${goesOn} goes on being written, as in Istio`,
            hint: 'in meshConfig write defaultProviders.accessLogging in place of accessLogFile',
          },
        );
      }
      if (item.filter === undefined) continue;
      findings.add(
        translationCode.idleTelemetry,
        { resource, path: [...path, 'filter'] },
        {
          message: 'the filter has no effect without providers beside it, as in Istio',
          hint: 'add providers: [{name: envoy}]',
        },
      );
    }
  }
}

function accessLogOf(
  provider: ExtensionProvider,
  { filter, place }: Verdict,
  context: TelemetryContext,
): AccessLogSettings | null {
  const { envoyFileAccessLog: file, envoyOtelAls: otlp } = provider;
  if (otlp !== undefined) return otlpAccessLog(otlp, context, { filter, place });
  if (file === undefined) return null;
  const { accessLog, mesh } = context.settings;
  const isBuiltIn = provider.name === mesh.telemetry.builtInAccessLog;
  // What the person who runs the proxy says of the log holds for Istio's own provider.
  if (isBuiltIn && accessLog.source === 'own') {
    return accessLog.file === null ? null : { ...accessLog.file, filter };
  }
  const path = file.path === undefined || file.path === '' ? '/dev/stdout' : file.path;
  return { kind: 'file', path, filter, ...formatOf(provider, accessLog) };
}

/** The provider named `envoy` takes its format from MeshConfig where it has none. */
function formatOf(
  { name, envoyFileAccessLog }: ExtensionProvider,
  { format }: AccessLogDefaults,
): Pick<FileAccessLog, 'encoding' | 'format'> {
  const { logFormat } = envoyFileAccessLog ?? {};
  if (logFormat === undefined && name === 'envoy') return format;
  const { text, labels } = logFormat ?? {};
  if (labels === undefined)
    return { encoding: 'text', format: text === '' ? null : (text ?? null) };
  const isEmpty = Object.keys(labels).length === 0;
  return { encoding: 'json', format: isEmpty ? null : JSON.stringify(labels) };
}

interface Rule {
  readonly filter: string | null;
  readonly place: FindingPlace;
}

function otlpAccessLog(
  provider: EnvoyOtelAls,
  context: TelemetryContext,
  { filter, place }: Rule,
): AccessLogSettings | null {
  const { logName = '', logFormat = {} } = provider;
  const collector = otlpLogCollector(provider, context.collectors, place);
  if (collector === null) return null;
  return {
    kind: 'otlp',
    filter,
    collector,
    logName: logName === '' ? 'otel_envoy_accesslog' : logName,
    body: logFormat.text === undefined || logFormat.text === '' ? null : logFormat.text,
    attributes: logFormat.labels ?? {},
  };
}
