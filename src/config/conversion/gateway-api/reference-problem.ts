/** What is wrong with a reference of a route; it shows as a finding and as a condition. */

import type { Path } from '../../problem.ts';
import type { Resource } from '../../resource.ts';
import { type TranslationFindings, translationCode } from '../../translate/translation-findings.ts';
import type { Condition } from '../resource-status.ts';
import { fails, holds } from './conditions.ts';

export interface ReferenceProblem {
  /** Type of the condition that it makes; null: none. */
  readonly condition: 'ResolvedRefs' | 'PartiallyInvalid' | null;
  readonly reason:
    | 'BackendNotFound'
    | 'InvalidKind'
    | 'RefNotPermitted'
    | 'UnsupportedProtocol'
    /** Istio's, of a backend without a port. */
    | 'InvalidDestination'
    /** Of backends that get no requests by their weights. */
    | 'NoWeight'
    | 'UnsupportedValue';
  /** One sentence without a full stop. */
  readonly message: string;
  readonly hint: string | null;
  /** In the route. */
  readonly path: Path;
  /** Of a mirror: what is done with the request itself stays as it is. */
  readonly isCopy?: boolean;
}

/** For each parent of the route, with `Accepted` where the whole route is left out. */
export function routeConditions(
  problems: readonly ReferenceProblem[],
  leftOut: ReferenceProblem | null,
): Condition[] {
  const conditions = referenceConditions(problems);
  if (leftOut === null) return conditions;
  const message = `the route is left out: ${leftOut.message}`;
  return [fails('Accepted', leftOut.reason, message), ...conditions];
}

/** For each parent of the route, beside `Accepted`. */
export function referenceConditions(problems: readonly ReferenceProblem[]): Condition[] {
  const unresolved = problems.filter(({ condition }) => condition === 'ResolvedRefs');
  const unsupported = problems.filter(({ condition }) => condition === 'PartiallyInvalid');
  const conditions = [
    unresolved[0] === undefined
      ? holds('ResolvedRefs', 'ResolvedRefs', 'all references are resolved')
      : fails('ResolvedRefs', unresolved[0].reason, messageOf(unresolved)),
  ];
  if (unsupported[0] !== undefined) {
    const { reason } = unsupported[0];
    conditions.push(holds('PartiallyInvalid', reason, messageOf(unsupported)));
  }
  return conditions;
}

function messageOf(problems: readonly ReferenceProblem[]): string {
  return [...new Set(problems.map(({ message }) => message))].join('; ');
}

const codes = {
  InvalidKind: translationCode.unknownBackendKind,
  RefNotPermitted: translationCode.unpermittedReference,
  UnsupportedProtocol: translationCode.unusableBackend,
  InvalidDestination: translationCode.unusableBackend,
  NoWeight: translationCode.ruleWithoutAction,
  UnsupportedValue: translationCode.unservedFilter,
} as const;

interface ReferringRoute {
  readonly resource: Resource<string, unknown>;
  /** What becomes of the requests. */
  readonly fate: string;
}

/** Of a route without rules: those of others are told where those of VirtualServices are. */
export function reportMissingBackend(
  { reason, message, hint, path }: ReferenceProblem,
  { resource, fate }: ReferringRoute,
  findings: TranslationFindings,
): void {
  if (reason !== 'BackendNotFound') return;
  const code =
    path.at(-1) === 'port'
      ? translationCode.unknownDestinationPort
      : translationCode.unknownDestination;
  findings.add(code, { resource, path }, { message: `${message}; ${fate}`, hint });
}

export function reportReference(
  { reason, message, hint, path }: ReferenceProblem,
  { resource, fate }: ReferringRoute,
  findings: TranslationFindings,
): void {
  // Destinations that do not exist are reported where those of all VirtualServices are.
  if (reason === 'BackendNotFound') return;
  findings.add(codes[reason], { resource, path }, { message: `${message}; ${fate}`, hint });
}
