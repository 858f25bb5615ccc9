/** What became of each resource of a load, for people to look at. */

import type {
  Condition,
  PartStatus,
  ResourceStatus,
} from '../config/conversion/resource-status.ts';
import type { Finding } from '../config/finding.ts';
import type { LoadedResources } from '../config/parse/load.ts';
import { type Resource, resourceLabel } from '../config/resource.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import { gatewayApiGroup } from '../config/schema/gateway-api/references.ts';
import { type KindName, kindSchemas } from '../config/schema/kinds.ts';
import { shownKind } from '../config/shown-kind.ts';

export interface LoadedResource {
  /** As files write it. */
  readonly kind: string;
  /** API group: Istio and the Gateway API both have a kind Gateway. Empty for Kubernetes' own. */
  readonly group: string;
  /** Empty for kinds without. */
  readonly namespace: string;
  readonly name: string;
  /** Empty where no finding says which file a refused one is in. */
  readonly file: string;
  /** Where it begins, from 1; 0 if it is not known. */
  readonly line: number;
  /** `kept` has an error, and its last good version serves; `rejected` has one, and none serves. */
  readonly status: 'accepted' | 'rejected' | 'kept';
  /** Of the whole resource, as the Gateway API specifies them; other kinds have none. */
  readonly conditions: readonly Condition[];
  /** Of the listeners of a Gateway, of the parents of a route, of the ancestors of a policy. */
  readonly parts: readonly PartStatus[];
}

export interface Outcome {
  /** Labels, as `LoadOutcome` lists them. */
  readonly rejected: readonly string[];
  readonly kept: readonly string[];
  readonly statuses: readonly ResourceStatus[];
}

/** By file and line. `used`: those of `read`, and the last good versions of others. */
export function describeResources(
  used: ResourceSet,
  read: LoadedResources,
  outcome: Outcome,
): readonly LoadedResource[] {
  const statusOf = statusIn(read, outcome);
  const statuses = new Map(outcome.statuses.map((one) => [labelOf(one), one]));
  const lists = Object.values(used) as readonly (readonly Resource<KindName, unknown>[])[];
  const described = new Map<string, LoadedResource>();
  for (const resource of lists.flat()) {
    const { kind, metadata, file } = resource;
    const { namespace, name } = metadata;
    const label = resourceLabel(kind, namespace, name);
    const identity = identityOf({ kind, namespace, name });
    const status = identity.group === gatewayApiGroup ? statuses.get(label) : undefined;
    const { conditions, parts } = status ?? withoutConditions;
    described.set(keyOf({ kind, namespace, name }), {
      ...identity,
      file,
      line: resource.positionOf([]).line,
      status: statusOf(resource),
      conditions,
      parts,
    });
  }
  for (const refused of read.refused) {
    const key = keyOf(refused);
    if (described.has(key)) continue;
    const { kind, namespace, name } = refused;
    const place = placeOf(resourceLabel(kind, namespace, name), read.findings);
    const identity = identityOf(refused);
    described.set(key, { ...identity, ...place, status: 'rejected', ...withoutConditions });
  }
  return [...described.values()].sort(byPlace);
}

/** Two kinds of Gateways have one label: which of them is meant is told by what was read. */
function statusIn(
  { resources, refused }: LoadedResources,
  outcome: Outcome,
): (resource: Resource<KindName, unknown>) => LoadedResource['status'] {
  const present = new Set<object>((Object.values(resources) as readonly object[][]).flat());
  const kept = new Set(outcome.kept);
  const rejected = new Set(outcome.rejected);
  const refusedKeys = new Set(refused.map(keyOf));
  return (resource) => {
    const named = { kind: resource.kind, ...resource.metadata };
    const label = labelOf(named);
    if (kept.has(label) && !present.has(resource)) return 'kept';
    const isRejected =
      refusedKeys.has(keyOf(named)) || (named.kind === 'Bootstrap' && rejected.has(label));
    return isRejected ? 'rejected' : 'accepted';
  };
}

const withoutConditions = { conditions: [], parts: [] } as const;

interface Named<Kind extends string> {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

function labelOf({ kind, namespace, name }: Named<string>): string {
  return resourceLabel(kind, namespace, name);
}

/** Unlike a label it tells the two kinds of Gateways apart. */
function keyOf({ kind, namespace, name }: Named<string>): string {
  return `${kind} ${namespace}/${name}`;
}

function identityOf({ kind, namespace, name }: Named<KindName>) {
  return { kind: shownKind(kind), group: kindSchemas[kind].group, namespace, name };
}

/** Where it is refused is close to where it begins. */
function placeOf(label: string, findings: readonly Finding[]): { file: string; line: number } {
  const finding = findings.find(
    ({ resource, severity }) => resource === label && severity === 'error',
  );
  return { file: finding?.file ?? '', line: finding?.line ?? 0 };
}

function byPlace(a: LoadedResource, b: LoadedResource): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line;
}
