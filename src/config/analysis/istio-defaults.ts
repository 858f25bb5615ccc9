/**
 * The ingress gateway that Istio's analyzers take to be in every mesh: configurations that are
 * analyzed as files seldom hold it. One that the files do hold takes its place.
 */

import type { ReadResources } from '../read-resources.ts';
import type { Resource, ResourceMetadata } from '../resource.ts';

const namespace = 'istio-system';
const name = 'istio-ingressgateway';
const labels = { istio: 'ingressgateway' };

const ports = [80, 443, 31400, 15443];

export function withIstioDefaults(read: ReadResources): ReadResources {
  const isThere = read.services.some(
    ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
  );
  const pod = standIn('Pod', `${name}-dummypod`, {});
  const service = standIn('Service', name, {
    selector: labels,
    ports: ports.map((port) => ({ port, protocol: 'TCP' })),
  });
  return {
    ...read,
    pods: [...read.pods, pod],
    services: isThere ? read.services : [...read.services, service],
  };
}

function standIn<Kind extends string, Spec>(
  kind: Kind,
  standInName: string,
  spec: Spec,
): Resource<Kind, Spec> {
  const metadata: ResourceMetadata = {
    name: standInName,
    namespace,
    labels,
    annotations: {},
    creationTimestamp: 0,
  };
  return {
    kind,
    apiVersion: 'v1',
    metadata,
    spec,
    status: undefined,
    file: '',
    positionOf: () => ({ line: 0, column: 0 }),
  };
}
