/** Matches that no request comes to, since an earlier rule of the VirtualService has them all. */

import { isDeepStrictEqual } from '../../../base/node-util.ts';
import { findingCode } from '../../finding-code.ts';
import { formatPath, type Path } from '../../problem.ts';
import { type WrittenPlace, writtenPlace } from '../../resource.ts';
import type { HttpMatchRequest } from '../../schema/virtual-service.ts';
import { isCatchAll } from '../../translate/routes/route-match.ts';
import type { BoundVirtualService, HttpRule } from '../../translate/rules/virtual-services.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import { type Coverable, coverable } from './covering.ts';
import { type EarlierMatch, MatchIndex } from './match-index.ts';
import type { Traffic } from './traffic.ts';

export function* hiddenMatch({ virtualServices }: Traffic): Iterable<AnalyzerFinding> {
  for (const virtualService of virtualServices) yield* checkRules(virtualService);
}

function* checkRules({ rules }: BoundVirtualService): Iterable<AnalyzerFinding> {
  const index = new MatchIndex();
  for (const rule of rules) {
    const matches = matchesOf(rule).map((match) => coverable(match, rule.spec.extension));
    for (const [position, match] of matches.entries()) {
      const earlier = index.covering(match);
      if (earlier === null) continue;
      const isSame = isDeepStrictEqual(earlier.match.source, match.source);
      if (isSame && !isOfRoute(rule)) continue;
      yield hiddenFinding(rule, position, earlier);
    }
    // What follows a rule for everything is told at that rule; in routes all such rules come last.
    if (takesEverything(rule) && !isOfRoute(rule)) return;
    for (const match of matches) index.add({ match, rule });
  }
}

/** Of rules that were made from several resources: what is hidden wherever it is served. */
export function* hiddenEverywhere(traffic: Traffic): Iterable<AnalyzerFinding> {
  const served = new Map<string, number>();
  for (const rule of traffic.virtualServices.flatMap(({ rules }) => rules)) {
    for (const position of matchesOf(rule).keys()) {
      const key = keyOf({ resource: rule.resource, path: matchPath(rule, position) });
      served.set(key, (served.get(key) ?? 0) + 1);
    }
  }
  const hidden = Map.groupBy(hiddenMatch(traffic), keyOf);
  for (const [key, findings] of hidden) {
    if (findings.length >= (served.get(key) ?? 0)) yield* findings.slice(0, 1);
  }
}

/** Of the place in a file: rules for several hosts and listeners come from one. */
function keyOf(place: WrittenPlace): string {
  const { resource, path } = writtenPlace(place);
  const { kind, metadata, file } = resource;
  return [kind, metadata.namespace, metadata.name, file, formatPath(path)].join(' ');
}

const everything: readonly HttpMatchRequest[] = [{}];

/** A GRPCRoute may have rules without any. */
function matchesOf(rule: HttpRule): readonly HttpMatchRequest[] {
  const { match = [] } = rule.spec;
  return match.length === 0 && isOfRoute(rule) ? everything : match;
}

/**
 * Of matches that are the same IST0131 tells, and of an Ingress SLC0262. For those of the Gateway
 * API nobody else does.
 */
function isOfRoute({ resource }: HttpRule): boolean {
  const kind = resource.madeFrom?.resource.kind;
  return kind === 'HTTPRoute' || kind === 'GRPCRoute';
}

function hiddenFinding(rule: HttpRule, position: number, earlier: EarlierMatch): AnalyzerFinding {
  return {
    code: findingCode.hiddenMatch,
    resource: rule.resource,
    path: matchPath(rule, position),
    message: `no request comes here: ${describeMatch(earlier.match)} of ${placeOf(earlier.rule)} has all of them`,
    hint:
      rule.resource.madeFrom === undefined
        ? 'move the rule with more conditions to the front, or remove it'
        : 'remove one of them',
  };
}

/** The combined matches of a rule that is included have no place of their own. */
export function matchPath({ path, includedBy }: HttpRule, position: number): Path {
  return includedBy === undefined ? [...path, 'match', position] : path;
}

/** Where no condition is left, be it on the client. */
export function takesEverything({ spec }: HttpRule): boolean {
  const { match = [] } = spec;
  return match.length === 0 || match.some(isUnconditional);
}

export function isUnconditional(match: HttpMatchRequest): boolean {
  const { port = 0, gateways = [], sourceNamespace = '', sourceLabels = {} } = match;
  const isForAll = port === 0 && gateways.length === 0 && sourceNamespace === '';
  if (!isForAll || Object.keys(sourceLabels).length > 0) return false;
  return isCatchAll(coverable(match));
}

/** `prefix "/foo"`. */
export function describeMatch({ path }: Coverable): string {
  const kind = path.kind === 'path-separated-prefix' ? 'prefix' : path.kind;
  return `${kind} "${path.value}"`;
}

/** `http[0] (a.yaml:12)`. */
function placeOf({ path, resource }: HttpRule): string {
  const written = writtenPlace({ resource, path });
  const { line } = resource.positionOf(path);
  return `${formatPath(written.path.slice(1))} (${written.resource.file}:${line})`;
}
