/** Prefixes are compared letter by letter: `/foo` also matches `/foobar`. */

import { findingCode } from '../../finding-code.ts';
import { formatPath } from '../../problem.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';
import type { VirtualService } from '../../translate/istio-resources.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import { matchesOf, type Traffic } from './traffic.ts';

export function* prefixOfWord(traffic: Traffic): Iterable<AnalyzerFinding> {
  let paths: readonly PlacedPath[] = [];
  let resource: VirtualService | null = null;
  for (const placed of matchesOf(traffic)) {
    const prefix = placed.match.uri?.prefix ?? '';
    // What ends otherwise, such as `/static/img-`, is meant to go on within the word.
    if (!/\/[^/]*[A-Za-z0-9]$/.test(prefix)) continue;
    // The matches of one resource follow each other.
    if (placed.resource !== resource) paths = sortedPaths(placed.resource);
    resource = placed.resource;
    const longer = longerWord(prefix, paths);
    const example = longer === null ? `"${prefix}bar"` : `"${longer.text}" of ${longer.at}`;
    yield {
      code: findingCode.prefixOfWord,
      resource,
      path: [...placed.path, 'uri', 'prefix'],
      message: `the prefix "${prefix}" also matches longer words, such as ${example}`,
      hint: `for "${prefix}" and what is below it, match exact "${prefix}" and prefix "${prefix}/"`,
    };
  }
}

interface PlacedPath {
  readonly text: string;
  readonly at: string;
}

/** Each path of a VirtualService once, by code units, with the first rule that has it. */
function sortedPaths({ spec }: VirtualService): PlacedPath[] {
  const places = new Map<string, string>();
  for (const [ruleIndex, rule] of (spec.http ?? []).entries()) {
    for (const text of pathsOf(rule)) {
      if (!places.has(text)) places.set(text, formatPath(['http', ruleIndex]));
    }
  }
  return [...places].map(([text, at]) => ({ text, at })).sort((a, b) => (a.text < b.text ? -1 : 1));
}

/** The first letters of the ranges of those with which a word goes on. */
const wordStarts = ['-', '0', 'A', '_', 'a'];

/** Another path that begins with the prefix and goes on in its word. */
function longerWord(prefix: string, paths: readonly PlacedPath[]): PlacedPath | null {
  for (const start of wordStarts) {
    const found = paths[firstFrom(prefix + start, paths)];
    if (found?.text.startsWith(prefix) && /^[\w.-]/.test(found.text.slice(prefix.length))) {
      return found;
    }
  }
  return null;
}

/** The place of the first path that is not before `text`. */
function firstFrom(text: string, paths: readonly PlacedPath[]): number {
  let low = 0;
  let high = paths.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((paths[middle]?.text ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

function pathsOf({ match = [] }: HttpRoute): string[] {
  return match.flatMap(({ uri }) => uri?.exact ?? uri?.prefix ?? []);
}
