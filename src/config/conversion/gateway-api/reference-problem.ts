/** What is wrong with a reference of a route; it shows as a finding and as a condition. */

import type { Path } from '../../problem.ts';
import type { Resource } from '../../resource.ts';
import { type TranslationFindings, translationCode } from '../../translate/translation-findings.ts';
import type { Condition } from '../resource-status.ts';
import { fails, holds } from './conditions.ts';

export interface ReferenceProblem {
  /** Type of the condition that it makes. */
  readonly condition: 'ResolvedRefs' | 'PartiallyInvalid';
  readonly reason:
    | 'BackendNotFound'
    | 'InvalidKind'
    | 'RefNotPermitted'
    | 'UnsupportedProtocol'
    /** Istio's, of a backend without a port. */
    | 'InvalidDestination'
    | 'UnsupportedValue';
  /** One sentence without a full stop. */
  readonly message: string;
  readonly hint: string | null;
  /** In the route. */
  readonly path: Path;
  /** Of a mirror: what is done with the request itself stays as it is. */
  readonly isCopy?: boolean;
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
  UnsupportedValue: translationCode.unservedFilter,
} as const;

/** `fate`: what becomes of the requests. */
export function reportReference(
  { reason, message, hint, path }: ReferenceProblem,
  { resource, fate }: { readonly resource: Resource<string, unknown>; readonly fate: string },
  findings: TranslationFindings,
): void {
  // Destinations that do not exist are reported where those of all VirtualServices are.
  if (reason === 'BackendNotFound') return;
  findings.add(codes[reason], { resource, path }, { message: `${message}; ${fate}`, hint });
}
