/** Matches that differ from what clients send only by upper and lower case. */

import { findingCode } from '../../finding-code.ts';
import type { Path } from '../../problem.ts';
import type { StringMatch } from '../../schema/shared.ts';
import type { HttpMatchRequest } from '../../schema/virtual-service.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import { matchesOf, type PlacedMatch, type Traffic } from './traffic.ts';

interface Comparison {
  readonly what: string;
  readonly sentIn: 'lower' | 'upper';
}

/** Fields, and headers of the same meaning, whose case every client keeps to. */
const comparisons: Readonly<Record<string, Comparison>> = {
  method: { what: 'methods', sentIn: 'upper' },
  scheme: { what: 'schemes', sentIn: 'lower' },
  authority: { what: 'hosts', sentIn: 'lower' },
  host: { what: 'hosts', sentIn: 'lower' },
};

export function* valueNeverSent(traffic: Traffic): Iterable<AnalyzerFinding> {
  for (const placed of matchesOf(traffic)) {
    const { match, resource, path } = placed;
    for (const field of ['method', 'scheme', 'authority'] as const) {
      yield* checkValue(match[field], field, {
        resource,
        path: [...path, field],
        isExclusion: false,
      });
    }
    yield* checkHeaders(placed);
  }
}

function* checkHeaders({ match, resource, path }: PlacedMatch): Iterable<AnalyzerFinding> {
  for (const field of ['headers', 'withoutHeaders'] as const) {
    for (const [name, value] of headersOf(match, field)) {
      const place = { resource, path: [...path, field, name] };
      yield* checkValue(value, name.toLowerCase().replace(/^:/, ''), {
        ...place,
        isExclusion: field === 'withoutHeaders',
      });
      // The names of claims in a token have a case; those of headers have none.
      if (name === name.toLowerCase() || name.startsWith('@')) continue;
      yield {
        code: findingCode.headerNameCase,
        ...place,
        message: `header names are compared in lower case; this is "${name.toLowerCase()}"`,
        hint: `write "${name.toLowerCase()}"`,
      };
    }
  }
}

function headersOf(
  match: HttpMatchRequest,
  field: 'headers' | 'withoutHeaders',
): [string, StringMatch][] {
  return Object.entries(match[field] ?? {});
}

interface Place {
  readonly resource: PlacedMatch['resource'];
  readonly path: Path;
  /** What has the value is not matched. */
  readonly isExclusion: boolean;
}

function* checkValue(
  value: StringMatch | undefined,
  name: string,
  { resource, path, isExclusion }: Place,
): Iterable<AnalyzerFinding> {
  const comparison = Object.hasOwn(comparisons, name) ? comparisons[name] : undefined;
  if (value === undefined || comparison === undefined) return;
  for (const kind of ['exact', 'prefix'] as const) {
    const text = value[kind];
    if (text === undefined) continue;
    const { what, sentIn } = comparison;
    const sent = sentIn === 'upper' ? text.toUpperCase() : text.toLowerCase();
    if (sent === text) continue;
    const effect = isExclusion ? 'excludes' : 'matches';
    yield {
      code: findingCode.valueNeverSent,
      resource,
      path: [...path, kind],
      message: `"${text}" ${effect} nothing: ${what} are sent in ${sentIn} case`,
      hint: `write "${sent}"`,
    };
  }
}
