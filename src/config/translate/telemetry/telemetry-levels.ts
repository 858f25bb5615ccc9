/** Which Telemetry resources hold for this proxy (Istio pilot/pkg/model/telemetry.go). */

import type { ProxySettings } from '../../proxy-settings.ts';
import { hasLabels } from '../../registry/service.ts';
import type { Resource } from '../../resource.ts';
import type { TelemetrySpec } from '../../schema/telemetry.ts';
import { inIstioOrder } from '../istio-resources.ts';
import { type TranslationFindings, translationCode } from '../translation-findings.ts';

export type Telemetry = Resource<'Telemetry', TelemetrySpec>;

/**
 * That of the root namespace, that of the namespace, those that select the proxy, oldest first:
 * what comes later wins.
 */
export function telemetriesOf(
  resources: readonly Telemetry[],
  settings: ProxySettings,
  findings: TranslationFindings,
): readonly Telemetry[] {
  const { identity, mesh } = settings;
  const ordered = inIstioOrder(resources);
  const namespaces = new Set([mesh.rootNamespace, identity.namespace]);
  const wide = [...namespaces].flatMap((namespace) => namespaceWide(ordered, namespace, findings));
  const selecting = ordered.filter(
    (telemetry) =>
      telemetry.metadata.namespace === identity.namespace && selects(telemetry, settings),
  );
  reportSeveral(selecting, findings);
  return [...wide, ...selecting];
}

function isForAll({ spec }: Telemetry): boolean {
  return Object.keys(spec.selector?.matchLabels ?? {}).length === 0 && targetsOf(spec).length === 0;
}

function targetsOf({ targetRef, targetRefs = [] }: TelemetrySpec) {
  return targetRef === undefined ? targetRefs : [targetRef, ...targetRefs];
}

/** Of several for a namespace the oldest counts alone. */
function namespaceWide(
  ordered: readonly Telemetry[],
  namespace: string,
  findings: TranslationFindings,
): readonly Telemetry[] {
  const [oldest, ...others] = ordered.filter(
    (telemetry) => telemetry.metadata.namespace === namespace && isForAll(telemetry),
  );
  if (oldest === undefined) return [];
  for (const resource of others) {
    findings.add(
      translationCode.telemetryConflict,
      { resource, path: [] },
      {
        message: `"${oldest.metadata.name}" is for the whole namespace too, and ${precedence(oldest, resource)}: it counts alone`,
        hint: 'put both into one resource, or give this one a selector',
      },
    );
  }
  return [oldest];
}

/** Files seldom have a creationTimestamp: then the name decides. */
function precedence({ metadata: first }: Telemetry, { metadata: second }: Telemetry): string {
  return first.creationTimestamp === second.creationTimestamp ? 'first by name' : 'older';
}

/** The label that Gateways of the Gateway API give to their proxies. */
const gatewayLabel = 'gateway.networking.k8s.io/gateway-name';

function selects({ spec }: Telemetry, { identity }: ProxySettings): boolean {
  const targets = targetsOf(spec);
  if (targets.length > 0) {
    return targets.some(
      ({ kind, name }) => kind === 'Gateway' && name === identity.labels[gatewayLabel],
    );
  }
  const labels = spec.selector?.matchLabels ?? {};
  return Object.keys(labels).length > 0 && hasLabels(identity.labels, labels);
}

function reportSeveral(selecting: readonly Telemetry[], findings: TranslationFindings): void {
  for (const [index, resource] of selecting.entries()) {
    const older = selecting[index - 1];
    if (older === undefined) continue;
    findings.add(
      translationCode.telemetryConflict,
      { resource, path: ['spec', 'selector'] },
      {
        message: `"${older.metadata.name}" selects this proxy too; where they differ, this one counts`,
        hint: 'put both into one resource',
      },
    );
  }
}
