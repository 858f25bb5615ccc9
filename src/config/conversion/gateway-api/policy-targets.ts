/** Which Services and ports each BackendTLSPolicy holds for. */

import type { Path } from '../../problem.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { BackendTlsPolicy } from './backend-authorities.ts';
import { inAge } from './route-age.ts';

/** Why a policy does not hold for one of its targets. */
export interface TargetProblem {
  readonly reason: 'TargetNotFound' | 'Conflicted';
  readonly message: string;
  readonly path: Path;
}

export interface PolicyTarget {
  readonly policy: BackendTlsPolicy;
  /** In `targetRefs`. */
  readonly index: number;
  /** `namespace/name`. */
  readonly service: string;
  /** null: all ports of the Service that no policy of their own is for. */
  readonly port: number | null;
  readonly problem: TargetProblem | null;
}

type KubernetesService = ResourceSet['services'][number];

/** By policy, in the order in which they go before each other: of two for the same the older. */
export function policyTargets({
  backendTlsPolicies,
  services,
}: Pick<ResourceSet, 'backendTlsPolicies' | 'services'>): PolicyTarget[] {
  const byName = new Map(services.map((one) => [nameOf(one), one]));
  const owners = new Map<string, BackendTlsPolicy>();
  return inAge(backendTlsPolicies).flatMap((policy) =>
    policy.spec.targetRefs.map((_, index) => targetOf(policy, index, { byName, owners })),
  );
}

interface TargetContext {
  readonly byName: ReadonlyMap<string, KubernetesService>;
  /** By service and port. */
  readonly owners: Map<string, BackendTlsPolicy>;
}

function targetOf(
  policy: BackendTlsPolicy,
  index: number,
  { byName, owners }: TargetContext,
): PolicyTarget {
  const { group, kind, name, sectionName } = policy.spec.targetRefs[index] ?? noTarget;
  const service = `${policy.metadata.namespace}/${name}`;
  const path = ['spec', 'targetRefs', index];
  const target = { policy, index, service, port: null };
  const notFound = (message: string, field: string): PolicyTarget => ({
    ...target,
    problem: { reason: 'TargetNotFound', message, path: [...path, field] },
  });
  if (group !== '' || kind !== 'Service') {
    const written = group === '' ? kind : `${kind} of ${group}`;
    return notFound(`${written} is no kind that a policy can be for, which is Service`, 'kind');
  }
  const found = byName.get(service);
  if (found === undefined) return notFound(`there is no Service ${service}`, 'name');
  const ports = found.spec.ports ?? [];
  const named = ports.find((port) => port.name === sectionName);
  if (sectionName !== undefined && named === undefined) {
    return notFound(`the Service ${service} has no port "${sectionName}"`, 'sectionName');
  }
  const key = `${service} ${sectionName ?? ''}`;
  const owner = owners.get(key);
  owners.set(key, owner ?? policy);
  const port = named?.port ?? null;
  if (owner === undefined) return { ...target, port, problem: null };
  const message = `the older BackendTLSPolicy ${nameOf(owner)} is for ${key.trim()} already`;
  return { ...target, port, problem: { reason: 'Conflicted', message, path } };
}

const noTarget = { group: '', kind: '', name: '', sectionName: undefined };

function nameOf({ metadata }: BackendTlsPolicy | KubernetesService): string {
  return `${metadata.namespace}/${metadata.name}`;
}
