/** The Service and port that a backend of an Ingress names, and where it names them. */

import { err, ok, type Result } from '../../../base/result.ts';
import type { Path } from '../../problem.ts';
import { serviceHostName } from '../../registry/host-names.ts';
import type { Destination } from '../../schema/destination.ts';
import type { IngressBackend } from '../../schema/ingress.ts';
import { nearestName } from '../../schema/suggest.ts';
import type { BackendProblem, Ingress, IngressContext } from './ingress-rule.ts';

interface BackendPlace {
  readonly ingress: Ingress;
  /** Of the backend in the Ingress. */
  readonly path: Path;
}

/**
 * As in Istio a port by name must be one of a Service that is there. A port by number is taken as
 * it is: where there is no such Service or port requests get 503.
 */
export function resolveBackend(
  backend: IngressBackend,
  { ingress, path }: BackendPlace,
  context: Pick<IngressContext, 'resources' | 'settings'>,
): Result<Destination, BackendProblem> {
  const service = backend.service?.name ?? backend.serviceName;
  if (service === undefined) {
    const { kind = '', name = '' } = backend.resource ?? {};
    const message = `requests cannot be sent to ${kind} ${name}: the path is left out`;
    return err({ path: [...path, 'resource'], message, hint: 'name a Service' });
  }
  const { namespace } = ingress.metadata;
  const { domainSuffix } = context.settings.mesh;
  const host = serviceHostName({ namespace, name: service }, domainSuffix);
  const port = portOf(backend);
  if (typeof port === 'number') return ok({ host, port: { number: port } });
  const found = namedPort({ service, namespace, port }, context);
  if (found.ok) return ok({ host, port: { number: found.value } });
  return err({ path: [...path, ...backendPortPath(backend)], ...found.error });
}

/** From the backend to the name of its Service. */
export function backendNamePath({ serviceName }: IngressBackend): Path {
  return serviceName === undefined ? ['service', 'name'] : ['serviceName'];
}

/** From the backend to its port. */
export function backendPortPath({ service, serviceName }: IngressBackend): Path {
  if (serviceName !== undefined) return ['servicePort'];
  return ['service', 'port', service?.port?.name === undefined ? 'number' : 'name'];
}

/** A name that is a number, as `servicePort: "80"`, is none. */
function portOf({ service, servicePort }: IngressBackend): number | string {
  const port = service?.port?.number ?? service?.port?.name ?? servicePort ?? '';
  return typeof port === 'string' && /^\d+$/.test(port) ? Number(port) : port;
}

interface NamedPort {
  readonly service: string;
  readonly namespace: string;
  readonly port: string;
}

function namedPort(
  { service, namespace, port }: NamedPort,
  { resources }: Pick<IngressContext, 'resources'>,
): Result<number, Omit<BackendProblem, 'path'>> {
  const resource = resources.services.find(
    ({ metadata }) => metadata.name === service && metadata.namespace === namespace,
  );
  if (resource === undefined) {
    const message = `there is no Service ${namespace}/${service}: the path is left out`;
    const names = resources.services
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map(({ metadata }) => metadata.name);
    const near = nearestName(service, names);
    return err({ message, hint: near === null ? null : `did you mean "${near}"?` });
  }
  const ports = resource.spec.ports ?? [];
  const found = ports.find(({ name = '' }) => name === port);
  if (found !== undefined) return ok(found.port);
  const names = ports.map((each) => each.name ?? `${each.port} without a name`).join(', ');
  return err({
    message: `Service ${namespace}/${service} has no port "${port}": the path is left out`,
    hint: names === '' ? 'it has no ports' : `it has ${names}`,
  });
}
