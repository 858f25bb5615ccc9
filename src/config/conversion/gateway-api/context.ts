/** What the conversion of every kind of the Gateway API looks things up in. */

import type { ProxySettings } from '../../proxy-settings.ts';
import { ConfigMapIndex } from '../../registry/config-maps.ts';
import { SecretIndex } from '../../registry/secrets.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { TranslationFindings } from '../../translate/translation-findings.ts';
import { ReferenceGrants } from './grants.ts';
import { NamespaceLabels } from './namespace-labels.ts';

export interface GatewayApiContext {
  /** As the user wrote them. */
  readonly resources: ResourceSet;
  readonly settings: ProxySettings;
  readonly findings: TranslationFindings;
  readonly grants: ReferenceGrants;
  readonly namespaces: NamespaceLabels;
  readonly secrets: SecretIndex;
  readonly configMaps: ConfigMapIndex;
}

export function gatewayApiContext(
  resources: ResourceSet,
  settings: ProxySettings,
  findings: TranslationFindings,
): GatewayApiContext {
  return {
    resources,
    settings,
    findings,
    grants: new ReferenceGrants(resources.referenceGrants),
    namespaces: new NamespaceLabels(resources.namespaces),
    secrets: new SecretIndex(resources.secrets),
    configMaps: new ConfigMapIndex(resources.configMaps),
  };
}
