/** The providers of telemetry that MeshConfig names, with those that are always there. */

import type { TelemetryDefaults } from '../proxy-settings.ts';
import type { ExtensionProvider } from '../schema/extension-providers.ts';
import type { MeshConfig } from '../schema/mesh-config.ts';

/** Istio's own; a provider of the same name takes its place. */
const builtIn: readonly ExtensionProvider[] = [
  { name: 'prometheus', prometheus: {} },
  { name: 'envoy', envoyFileAccessLog: { path: '/dev/stdout' } },
];

export function mergeTelemetryDefaults(config: MeshConfig): TelemetryDefaults {
  const { extensionProviders = [], defaultProviders = {}, defaultConfig = {} } = config;
  const names = new Set(extensionProviders.map(({ name }) => name));
  return {
    providers: [...builtIn.filter(({ name }) => !names.has(name)), ...extensionProviders],
    builtInAccessLog: names.has('envoy') ? null : 'envoy',
    tracing: defaultProviders.tracing ?? [],
    // What Istio's installation sets, and what everybody expects to be counted.
    metrics: defaultProviders.metrics ?? ['prometheus'],
    accessLogging: defaultProviders.accessLogging ?? [],
    proxyTracing: defaultConfig.tracing ?? {},
    tracingServiceName: defaultConfig.tracingServiceName ?? 'APP_LABEL_AND_NAMESPACE',
  };
}
