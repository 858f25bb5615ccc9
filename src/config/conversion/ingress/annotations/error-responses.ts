/** The Service that answers in place of errors, as a destination. */

import { serviceHostName } from '../../../registry/host-names.ts';
import type { ErrorResponses } from '../../../schema/route-extension.ts';
import type { IngressContext, IngressRule } from '../ingress-rule.ts';
import type { IngressOptions } from './ingress-options.ts';

/** It is told of the Ingress and the Service whose answer it replaces, as the controller does. */
export function errorResponsesOf(
  { ingress, backend }: IngressRule,
  { errorPages, reader }: IngressOptions,
  { resources, settings }: IngressContext,
): ErrorResponses | null {
  if (errorPages === null || !backend.ok) return null;
  const { namespace, name } = ingress.metadata;
  const service = resources.services.find(
    ({ metadata }) => metadata.name === errorPages.service && metadata.namespace === namespace,
  );
  const port = service?.spec.ports?.[0]?.port;
  if (port === undefined) {
    reader.refuse('default-backend', `there is no Service of that name in ${namespace}`);
    return null;
  }
  const answering = { namespace, name: errorPages.service };
  const host = serviceHostName(answering, settings.mesh.domainSuffix);
  return {
    statuses: errorPages.statuses,
    withoutEndpoints: true,
    destination: { host, port: { number: port } },
    requestHeaders: {
      'x-namespace': namespace,
      'x-ingress-name': name,
      'x-service-name': backend.value.host.split('.')[0] ?? '',
      'x-service-port': String(backend.value.port?.number ?? ''),
    },
  };
}
