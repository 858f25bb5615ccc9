/** Who sends spans: the resource of OpenTelemetry, as far as no configuration says otherwise. */

import type { ProxyIdentity } from '../../model/proxy-identity.ts';
import { selfWorkload } from '../metrics/istio-labels.ts';

/** Istio names a proxy after its canonical service. */
export function defaultResource(identity: ProxyIdentity): Record<string, string> {
  const { canonicalName, canonicalRevision } = selfWorkload(identity);
  const { namespace, locality } = identity;
  const resource: Record<string, string> = {
    'service.name': `${canonicalName}.${namespace}`,
    'service.namespace': namespace,
    'service.version': canonicalRevision,
    'k8s.namespace.name': namespace,
  };
  if (locality.region !== '') resource['cloud.region'] = locality.region;
  if (locality.zone !== '') resource['cloud.availability_zone'] = locality.zone;
  return resource;
}
