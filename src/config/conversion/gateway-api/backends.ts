/** Backends of routes as destinations of VirtualServices. */

import type { Path } from '../../problem.ts';
import { serviceHostName } from '../../registry/host-names.ts';
import { kubernetesProtocol } from '../../registry/protocol.ts';
import type { Resource } from '../../resource.ts';
import type { Destination } from '../../schema/destination.ts';
import {
  type BackendObjectReference,
  gatewayApiGroup,
} from '../../schema/gateway-api/references.ts';
import type { ServiceSpec } from '../../schema/kubernetes.ts';
import type { GatewayApiContext } from './context.ts';
import type { ReferenceGrants } from './grants.ts';
import type { ReferenceProblem } from './reference-problem.ts';

/** A reference with the route that has it. */
export interface PlacedReference {
  readonly ref: BackendObjectReference;
  readonly route: Resource<string, unknown>;
  readonly path: Path;
  /** For a parent that is a Service: nobody then asks for a ReferenceGrant, as in Istio. */
  readonly isMesh: boolean;
}

export interface ResolvedBackend {
  /** Without a host where the reference must not or cannot be followed: a cluster of no name. */
  readonly destination: Destination;
  readonly problem: ReferenceProblem | null;
}

type KubernetesService = Resource<'Service', ServiceSpec>;

/** Whose requests have no place to go: they are answered with 500. */
export const nowhere: Destination = { host: '' };

export class Backends {
  readonly #services: ReadonlyMap<string, KubernetesService>;
  /** Of ServiceEntries and Services. */
  readonly #hosts: ReadonlySet<string>;
  readonly #grants: ReferenceGrants;
  readonly #domainSuffix: string;

  constructor({ resources, grants, settings }: GatewayApiContext) {
    this.#services = new Map(
      resources.services.map((service) => [
        `${service.metadata.namespace}/${service.metadata.name}`,
        service,
      ]),
    );
    this.#grants = grants;
    this.#domainSuffix = settings.mesh.domainSuffix;
    this.#hosts = new Set([
      ...resources.serviceEntries.flatMap(({ spec }) => spec.hosts ?? []),
      ...resources.services.map(({ metadata }) => serviceHostName(metadata, this.#domainSuffix)),
    ]);
  }

  resolve(reference: PlacedReference): ResolvedBackend {
    const { ref } = reference;
    const { group = '', kind = 'Service' } = ref;
    if (group === 'networking.istio.io' && kind === 'Hostname') return this.#hostname(reference);
    if (group !== '' || kind !== 'Service') return unknownKind(reference);
    return this.#service(reference);
  }

  #service(reference: PlacedReference): ResolvedBackend {
    const { ref } = reference;
    const refused = this.#refusal(reference) ?? unusable(reference);
    if (refused !== null) return { destination: nowhere, problem: refused };
    const namespace = namespaceOf(reference);
    const host = serviceHostName({ namespace, name: ref.name }, this.#domainSuffix);
    const service = this.#services.get(`${namespace}/${ref.name}`);
    const problem =
      service === undefined
        ? problemAt([...reference.path, 'name'], {
            reason: 'BackendNotFound',
            message: `there is no Service ${namespace}/${ref.name}`,
          })
        : problemOfPort(service, reference);
    return { destination: destinationOf(host, ref.port), problem };
  }

  /** Another namespace must allow it. */
  #refusal(reference: PlacedReference): ReferenceProblem | null {
    const { ref, route, path, isMesh } = reference;
    const namespace = namespaceOf(reference);
    const own = route.metadata.namespace;
    if (isMesh) return null;
    const from = { group: gatewayApiGroup, kind: route.kind, namespace: own };
    const to = { group: '', kind: 'Service', namespace, name: ref.name };
    if (this.#grants.permits({ from, to })) return null;
    return problemAt([...path, 'namespace'], {
      reason: 'RefNotPermitted',
      message: `no ReferenceGrant of ${namespace} lets ${route.kind} of ${own} use ${ref.name}`,
      hint: `add a ReferenceGrant to ${namespace}, from ${route.kind} of ${own} to Service`,
    });
  }

  /** Istio's own kind: a host of the mesh's registry, such as one of a ServiceEntry. */
  #hostname(reference: PlacedReference): ResolvedBackend {
    const { ref, path } = reference;
    const withoutPort = missingPort(reference);
    if (withoutPort !== null) return { destination: nowhere, problem: withoutPort };
    const problem = this.#hosts.has(ref.name)
      ? null
      : problemAt([...path, 'name'], {
          reason: 'BackendNotFound',
          message: `no Service or ServiceEntry has the host ${ref.name}`,
        });
    return { destination: destinationOf(ref.name, ref.port), problem };
  }
}

/** Known to other implementations, as ServiceImport is, or to nobody. */
function unknownKind({ ref, path }: PlacedReference): ResolvedBackend {
  const { group = '', kind = 'Service' } = ref;
  const problem = problemAt([...path, 'kind'], {
    reason: 'InvalidKind',
    message: `${group === '' ? kind : `${kind} of ${group}`} is no kind of backends`,
    hint: 'a backend is a Service',
  });
  return { destination: nowhere, problem };
}

/** What Istio drops the whole route for. */
function unusable(reference: PlacedReference): ReferenceProblem | null {
  const { ref, path } = reference;
  if (!ref.name.includes('.')) return missingPort(reference);
  return problemAt([...path, 'name'], {
    reason: 'InvalidDestination',
    message: `"${ref.name}" is no name of a Service`,
    hint: 'write the name of the Service, not its host',
  });
}

function missingPort({ ref, path }: PlacedReference): ReferenceProblem | null {
  if (ref.port !== undefined) return null;
  return problemAt(path, {
    reason: 'InvalidDestination',
    message: `the backend ${ref.name} has no port`,
    hint: 'add "port"',
  });
}

function problemOfPort(
  { spec, metadata }: KubernetesService,
  { ref, path }: PlacedReference,
): ReferenceProblem | null {
  const port = spec.ports?.find((each) => each.port === ref.port);
  const label = `the Service ${metadata.namespace}/${metadata.name}`;
  if (port === undefined) {
    // One without ports of its own stands for any port of its name.
    if (spec.type === 'ExternalName') return null;
    const message = `${label} has no port ${ref.port}`;
    return problemAt([...path, 'port'], { reason: 'BackendNotFound', message });
  }
  if (kubernetesProtocol(port) !== 'UDP') return null;
  const message = `port ${ref.port} of ${label} is for ${port.protocol}`;
  return problemAt([...path, 'port'], { reason: 'UnsupportedProtocol', message });
}

type ProblemText = Pick<ReferenceProblem, 'reason' | 'message'> & { readonly hint?: string };

function problemAt(path: Path, { reason, message, hint }: ProblemText): ReferenceProblem {
  return { condition: 'ResolvedRefs', reason, message, hint: hint ?? null, path };
}

function namespaceOf({ ref, route }: PlacedReference): string {
  return ref.namespace ?? route.metadata.namespace;
}

function destinationOf(host: string, port: number | undefined): Destination {
  return port === undefined ? { host } : { host, port: { number: port } };
}
