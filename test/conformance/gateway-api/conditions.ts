/** Holds the conditions that the proxy computes against those that a test wants. */

import type {
  Condition,
  PartStatus,
  ResourceStatus,
} from '../../../src/config/conversion/resource-status.ts';
import type { ConditionFact } from './facts.ts';
import { infraNamespace } from './manifests.ts';

export function nameOfCondition({ of, part, is, attached, kinds }: ConditionFact): string {
  const more = [
    ...is,
    ...(attached === undefined ? [] : [`${attached} routes`]),
    ...(kinds === undefined ? [] : [`kinds: ${kinds.join(' ') || 'none'}`]),
  ];
  return `${of}${part === undefined ? '' : ` (${part})`}: ${more.join(', ')}`;
}

/** Null, or the first thing that differs. */
export function compareCondition(
  fact: ConditionFact,
  statuses: readonly ResourceStatus[],
): string | null {
  const status = statusOf(fact.of, statuses);
  if (status === null) return 'has no status';
  if (fact.part === undefined) return compareAll(fact.is, status.conditions);
  const part = partOf(status, fact.part);
  // A policy has its conditions as a whole where it has no parts.
  const isPolicy = status.kind === 'BackendTLSPolicy';
  if (part === null && isPolicy) return compareAll(fact.is, status.conditions);
  if (part === null) return `has no status at ${fact.part}`;
  const difference = compareAll(fact.is, part.conditions);
  if (difference !== null) return difference;
  if (fact.attached !== undefined && part.attachedRoutes !== fact.attached) {
    return `${part.attachedRoutes} routes are attached`;
  }
  return fact.kinds === undefined ? null : compareKinds(fact.kinds, part);
}

function statusOf(of: string, statuses: readonly ResourceStatus[]): ResourceStatus | null {
  const [kind, path = ''] = of.split(' ');
  const [name, namespace = infraNamespace] = path.split('/').reverse();
  const found = statuses.find(
    (status) => status.kind === kind && status.name === name && status.namespace === namespace,
  );
  return found ?? null;
}

function partOf({ parts }: ResourceStatus, name: string): PartStatus | null {
  const parent = `${infraNamespace}/${name}`;
  const found = parts.find(
    (part) => namesParent(part.name, name) || namesParent(part.name, parent),
  );
  return found ?? null;
}

/** `Type=Status Reason`, `Type=Status` or `Type`. */
function compareAll(wanted: readonly string[], conditions: readonly Condition[]): string | null {
  for (const text of wanted) {
    const [, type, status, reason] = /^(\w+)(?:=(\w+))?(?: (\w+))?$/.exec(text) ?? [];
    const found = conditions.find((condition) => condition.type === type);
    if (found === undefined) return `no condition ${type}`;
    const isSame =
      (status === undefined || found.status === status) &&
      (reason === undefined || found.reason === reason);
    if (!isSame) return `${type}=${found.status} ${found.reason}`;
  }
  return null;
}

/** None where none is wanted; else at least those. */
function compareKinds(wanted: readonly string[], part: PartStatus): string | null {
  const actual = part.supportedKinds ?? [];
  const isSame =
    wanted.length === 0 ? actual.length === 0 : wanted.every((kind) => actual.includes(kind));
  return isSame ? null : `supported kinds: ${actual.join(' ') || 'none'}`;
}

/** `namespace/name` alone, or with `:port` and `/section` behind it. */
function namesParent(written: string, parent: string): boolean {
  const rest = written.startsWith(parent) ? written.slice(parent.length) : null;
  return rest !== null && (rest === '' || rest.startsWith(':') || rest.startsWith('/'));
}
