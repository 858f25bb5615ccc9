/** Prefixes are compared letter by letter: `/foo` also matches `/foobar`. */

import { findingCode } from '../../finding-code.ts';
import { formatPath } from '../../problem.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import { matchesOf, type PlacedMatch, type Traffic } from './traffic.ts';

export function* prefixOfWord(traffic: Traffic): Iterable<AnalyzerFinding> {
  for (const placed of matchesOf(traffic)) {
    const prefix = placed.match.uri?.prefix ?? '';
    // What ends otherwise, such as `/static/img-`, is meant to go on within the word.
    if (!/\/[^/]*[A-Za-z0-9]$/.test(prefix)) continue;
    const longer = longerWord(prefix, placed);
    const example = longer === null ? `"${prefix}bar"` : `"${longer.text}" of ${longer.at}`;
    yield {
      code: findingCode.prefixOfWord,
      resource: placed.resource,
      path: [...placed.path, 'uri', 'prefix'],
      message: `the prefix "${prefix}" also matches longer words, such as ${example}`,
      hint: `for "${prefix}" and what is below it, match exact "${prefix}" and prefix "${prefix}/"`,
    };
  }
}

interface LongerWord {
  readonly text: string;
  readonly at: string;
}

/** Another path of the same VirtualService that begins with the prefix and goes on in its word. */
function longerWord(prefix: string, { resource }: PlacedMatch): LongerWord | null {
  for (const [ruleIndex, rule] of (resource.spec.http ?? []).entries()) {
    for (const text of pathsOf(rule)) {
      if (!text.startsWith(prefix) || !/^[\w.-]/.test(text.slice(prefix.length))) continue;
      return { text, at: formatPath(['http', ruleIndex]) };
    }
  }
  return null;
}

function pathsOf({ match = [] }: HttpRoute): string[] {
  return match.flatMap(({ uri }) => uri?.exact ?? uri?.prefix ?? []);
}
