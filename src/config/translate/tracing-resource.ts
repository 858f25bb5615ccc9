/** What spans say of the proxy that made them: the resource of OpenTelemetry. */

import type { ProxyIdentity } from '../../model/proxy-identity.ts';
import type { ProxySettings, TelemetryDefaults } from '../proxy-settings.ts';

/** Attributes out of the environment win, as in Envoy. */
export function resourceAttributes(
  { identity, mesh }: ProxySettings,
  readsEnvironment: boolean,
): Readonly<Record<string, string>> {
  const version = identity.labels['version'];
  return {
    'service.name': serviceName(identity, mesh.telemetry.tracingServiceName),
    ...(version === undefined ? {} : { 'service.version': version }),
    'k8s.namespace.name': identity.namespace,
    ...(readsEnvironment ? fromEnvironment(process.env['OTEL_RESOURCE_ATTRIBUTES'] ?? '') : {}),
  };
}

/** Istio ProxyConfig.tracingServiceName; without labels the name of the proxy itself. */
function serviceName(
  { labels, namespace }: ProxyIdentity,
  form: TelemetryDefaults['tracingServiceName'],
): string {
  const canonical =
    labels['service.istio.io/canonical-name'] ?? labels['app.kubernetes.io/name'] ?? labels['app'];
  const name = (form === 'APP_LABEL_AND_NAMESPACE' ? labels['app'] : canonical) ?? 'istio-proxy';
  return form === 'CANONICAL_NAME_ONLY' ? name : `${name}.${namespace}`;
}

/** `key=value,key=value`, percent-encoded (OpenTelemetry resource SDK). */
function fromEnvironment(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) return [];
    return [[pair.slice(0, equals).trim(), decoded(pair.slice(equals + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded: the text is meant as it stands.
    return text;
  }
}
