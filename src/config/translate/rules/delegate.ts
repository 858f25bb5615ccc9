/**
 * Puts the rules of a delegate VirtualService in place of the rule that names it, as Istio does:
 * matches are combined, and other blocks are the delegate's or else those of the root.
 */

import { ownValue } from '../../../base/own-value.ts';
import type { StringMatch } from '../../schema/shared.ts';
import type { HttpMatchRequest, HttpRoute } from '../../schema/virtual-service.ts';
import { type TranslationFindings, translationCode } from '../translation-findings.ts';
import type { HttpRule } from './virtual-services.ts';

/** A delegate's rule none of whose matches fits into the root's is left out. */
export function mergeDelegateRules(
  root: HttpRule,
  delegated: readonly HttpRule[],
  findings: TranslationFindings,
): HttpRule[] {
  const merged: HttpRule[] = [];
  for (const rule of delegated) {
    if (rule.spec.delegate !== undefined) {
      findings.add(translationCode.delegate, rule, { message: 'a delegate cannot delegate again' });
      continue;
    }
    const match = combineMatches(root.spec.match ?? [], rule.spec.match ?? []);
    if (match === null) {
      findings.add(translationCode.delegate, rule, {
        message: 'no match agrees with the rule that includes this one; the rule is left out',
        hint: `it is included at ${root.resource.file}:${root.resource.positionOf(root.path).line}`,
      });
      continue;
    }
    merged.push({ ...rule, spec: mergeRules(root.spec, rule.spec, match), includedBy: root });
  }
  return merged;
}

const inheritedFields = [
  'rewrite',
  'directResponse',
  'timeout',
  'retries',
  'fault',
  'mirror',
  'mirrorPercent',
  'mirrorPercentage',
  'mirrors',
  'corsPolicy',
  'headers',
] as const satisfies readonly (keyof HttpRoute)[];

function mergeRules(
  root: HttpRoute,
  leaf: HttpRoute,
  match: readonly HttpMatchRequest[],
): HttpRoute {
  const inherited: Partial<HttpRoute> = {};
  for (const field of inheritedFields) {
    if (root[field] !== undefined) Object.assign(inherited, { [field]: root[field] });
  }
  const merged: HttpRoute = { ...inherited, ...leaf };
  const name = joinNames(root.name, leaf.name);
  if (name !== undefined) merged.name = name;
  if (match.length > 0) merged.match = [...match];
  return merged;
}

function joinNames(root: string | undefined, leaf: string | undefined): string | undefined {
  if (leaf === undefined || leaf === '') return root;
  return root === undefined || root === '' ? leaf : `${root}-${leaf}`;
}

/** null where a match of the leaf fits to none of the root. */
function combineMatches(
  roots: readonly HttpMatchRequest[],
  leaves: readonly HttpMatchRequest[],
): readonly HttpMatchRequest[] | null {
  if (roots.length === 0) return leaves;
  if (leaves.length === 0) return roots;
  const combined: HttpMatchRequest[] = [];
  for (const leaf of leaves) {
    const fitting = roots.filter((root) => !contradict(root, leaf));
    if (fitting.length === 0) return null;
    for (const root of fitting) combined.push(combineMatch(root, leaf));
  }
  return combined;
}

function combineMatch(root: HttpMatchRequest, leaf: HttpMatchRequest): HttpMatchRequest {
  const combined: HttpMatchRequest = { ...root, ...leaf };
  const name = joinNames(root.name, leaf.name);
  if (name !== undefined) combined.name = name;
  for (const field of ['headers', 'withoutHeaders', 'queryParams'] as const) {
    if (root[field] !== undefined) combined[field] = { ...root[field], ...leaf[field] };
  }
  if (root.sourceLabels !== undefined) {
    combined.sourceLabels = { ...root.sourceLabels, ...leaf.sourceLabels };
  }
  if (root.port !== undefined && (leaf.port ?? 0) === 0) combined.port = root.port;
  if (root.gateways !== undefined && (leaf.gateways ?? []).length === 0) {
    combined.gateways = root.gateways;
  }
  return combined;
}

function contradict(root: HttpMatchRequest, leaf: HttpMatchRequest): boolean {
  return (
    stringsContradict(root.uri, leaf.uri) ||
    stringsContradict(root.scheme, leaf.scheme) ||
    stringsContradict(root.method, leaf.method) ||
    stringsContradict(root.authority, leaf.authority) ||
    mapsContradict(root.headers, leaf.headers) ||
    mapsContradict(root.withoutHeaders, leaf.withoutHeaders) ||
    mapsContradict(root.queryParams, leaf.queryParams) ||
    (root.ignoreUriCase ?? false) !== (leaf.ignoreUriCase ?? false) ||
    ((root.port ?? 0) > 0 && (leaf.port ?? 0) > 0 && root.port !== leaf.port) ||
    sourcesContradict(root, leaf)
  );
}

function sourcesContradict(root: HttpMatchRequest, leaf: HttpMatchRequest): boolean {
  const rootNamespace = root.sourceNamespace ?? '';
  if (rootNamespace !== '' && rootNamespace !== leaf.sourceNamespace) return true;
  for (const [name, value] of Object.entries(leaf.sourceLabels ?? {})) {
    const expected = ownValue(root.sourceLabels ?? {}, name);
    if (expected !== undefined && expected !== value) return true;
  }
  const rootGateways = root.gateways ?? [];
  if (rootGateways.length === 0) return false;
  return (leaf.gateways ?? []).some((gateway) => !rootGateways.includes(gateway));
}

type StringMatches = Readonly<Record<string, StringMatch>>;

function mapsContradict(root: StringMatches | undefined, leaf: StringMatches | undefined): boolean {
  if (root === undefined || leaf === undefined) return false;
  return Object.keys(leaf).some((name) => stringsContradict(ownValue(root, name), leaf[name]));
}

/**
 * Whether the leaf's values are not all among the root's, as far as Istio can tell: not for
 * patterns, and not where one of them asks for any value.
 */
function stringsContradict(root: StringMatch | undefined, leaf: StringMatch | undefined): boolean {
  if (root === undefined || leaf === undefined) return false;
  if (isSet(root.regex) || isSet(leaf.regex)) return true;
  if (isSet(root.exact)) return leaf.exact !== root.exact;
  const value = isSet(leaf.exact) ? leaf.exact : leaf.prefix;
  return !isSet(root.prefix) || !isSet(value) || !value.startsWith(root.prefix);
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}
