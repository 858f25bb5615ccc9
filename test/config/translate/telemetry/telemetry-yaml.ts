/** Telemetry resources and settings of telemetry in tests of translation. */

import type { ProxySettings } from '../../../../src/config/proxy-settings.ts';
import type { Translation } from '../../../../src/config/translate/mesh.ts';
import type { MeshTelemetry } from '../../../../src/model/telemetry-settings.ts';
import { settings as bootstrapSettings } from '../../settings/bootstraps.ts';
import { sidecar, translate } from '../translate-yaml.ts';

/** `spec` in flow style; `name` may be `namespace/name`. */
export function telemetry(name: string, spec: string): string {
  const [namespace, own] = name.includes('/') ? name.split('/') : ['default', name];
  return `---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: ${own}, namespace: ${namespace}}
spec: ${spec}
`;
}

/** The sidecar of `app: client` with these settings of the Bootstrap. */
export function settingsOf(spec: object, flags: object = {}): ProxySettings {
  const { mesh, accessLog, tracing } = bootstrapSettings(spec, flags).proxy;
  return { ...sidecar, mesh, accessLog, tracing };
}

export function telemetryOf(yaml: string, settings: ProxySettings): MeshTelemetry {
  return translate(yaml, settings).mesh.telemetry;
}

/** `code message` of each finding. */
export function messages({ findings }: Translation): string[] {
  return findings.map(({ code, message }) => `${code} ${message}`);
}
