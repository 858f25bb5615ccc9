/** IST0130, IST0131: rules and matches of a VirtualService that earlier ones leave nothing to. */

import { findingCode } from '../../finding-code.ts';
import type { Path } from '../../problem.ts';
import type { ReadResources } from '../../read-resources.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { coveredPrefixes } from './covered-prefixes.ts';
import { matchMeaning } from './match-meaning.ts';

type VirtualService = ReadResources['virtualServices'][number];

/** What http, tls and tcp rules have in common. */
interface Rule {
  readonly name?: string | undefined;
  readonly match?: readonly object[] | undefined;
}

export function* unreachableRules({ read }: AnalysisContext): Iterable<AnalyzerFinding> {
  for (const resource of read.virtualServices) {
    const { http = [], tls = [], tcp = [] } = resource.spec;
    yield* unreachable(resource, { field: 'http', rules: http });
    yield* coveredPrefixes(resource);
    yield* unreachable(resource, { field: 'tcp', rules: tcp });
    yield* unreachable(resource, { field: 'tls', rules: tls });
  }
}

interface Rules {
  readonly field: 'http' | 'tls' | 'tcp';
  readonly rules: readonly Rule[];
}

function* unreachable(
  resource: VirtualService,
  { field, rules }: Rules,
): Iterable<AnalyzerFinding> {
  const seen = new Map<string, string>();
  let catchAll: string | null = null;
  for (const [index, rule] of rules.entries()) {
    const path: Path = ['spec', field, index];
    const matches = rule.match ?? [];
    if (matches.length === 0) {
      if (catchAll !== null) yield afterCatchAll(resource, path, catchAll);
      catchAll = ruleName(rule, index);
      continue;
    }
    let repeated = 0;
    for (const [position, match] of matches.entries()) {
      const place = [...path, 'match', position];
      if (catchAll !== null) {
        yield afterCatchAll(resource, place, catchAll);
        continue;
      }
      const earlier = seen.get(matchMeaning(match));
      if (earlier === undefined) {
        seen.set(matchMeaning(match), ruleName(rule, index));
        continue;
      }
      repeated += 1;
      const message = `the rule ${earlier} has the same match before this one`;
      const hint = 'remove the match here or there';
      yield { code: findingCode.ineffectiveMatch, resource, path: place, message, hint };
    }
    if (repeated === matches.length) {
      const message = 'earlier rules have all matches of this one; it is never used';
      const hint = 'remove the rule, or make its matches narrower and put it first';
      yield { code: findingCode.unreachableRule, resource, path, message, hint };
    }
  }
}

function afterCatchAll(resource: VirtualService, path: Path, catchAll: string): AnalyzerFinding {
  return {
    code: findingCode.unreachableRule,
    resource,
    path,
    message: `the rule ${catchAll} has no match and takes everything before this one`,
    hint: 'put the rule without a match last',
  };
}

/** `"name"`, or its place: `#0`. */
function ruleName({ name = '' }: Rule, index: number): string {
  return name === '' ? `#${index}` : `"${name}"`;
}
