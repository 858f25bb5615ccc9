/**
 * What this proxy tells of requests, on each of its sides: from Telemetry resources, providers,
 * MeshConfig and Bootstrap, as Istio works it out (pilot/pkg/model/telemetry.go).
 */

import type { MeshTelemetry, TelemetrySettings } from '../../../model/telemetry-settings.ts';
import type { RegistryService } from '../../registry/service.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { Scope } from '../scope.ts';
import type { Mode, TelemetryContext } from './telemetry-context.ts';
import { telemetriesOf } from './telemetry-levels.ts';
import { accessLogsOf } from './telemetry-logging.ts';
import { metricsOf } from './telemetry-metrics.ts';
import { Providers } from './telemetry-providers.ts';
import { tracingOf } from './telemetry-tracing.ts';

/** `services`: of all namespaces, for collectors need not be visible to clients. */
export function translateTelemetry(
  { settings, destinationRules, findings }: Omit<Scope, 'telemetry'>,
  resources: ResourceSet,
  services: readonly RegistryService[],
): MeshTelemetry {
  const { domainSuffix, telemetry } = settings.mesh;
  const context: TelemetryContext = {
    settings,
    telemetries: telemetriesOf(resources.telemetries, settings, findings),
    providers: new Providers(telemetry, findings),
    collectors: { services, destinationRules, domainSuffix, findings },
    bootstrap: resources.bootstraps.at(-1) ?? null,
    findings,
  };
  return { client: sideOf(context, 'CLIENT'), server: sideOf(context, 'SERVER') };
}

function sideOf(context: TelemetryContext, mode: Mode): TelemetrySettings {
  return {
    accessLogs: accessLogsOf(context, mode),
    tracing: tracingOf(context, mode),
    metrics: metricsOf(context, mode),
  };
}
