/** What spans say of the proxy that made them: the resource of OpenTelemetry, as configured. */

import type { ProxyIdentity } from '../../../model/proxy-identity.ts';
import type { ProxySettings, TelemetryDefaults } from '../../proxy-settings.ts';

export function resourceAttributes({
  identity,
  mesh,
}: ProxySettings): Readonly<Record<string, string>> {
  return { 'service.name': serviceName(identity, mesh.telemetry.tracingServiceName) };
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
