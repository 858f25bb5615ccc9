/** A rewrite takes the place of the prefix, letter by letter: what is left may not fit to it. */

import { findingCode } from '../../finding-code.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';
import type { VirtualService } from '../../translate/istio-resources.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import type { Traffic } from './traffic.ts';

export function* doubleSlash({ resources }: Traffic): Iterable<AnalyzerFinding> {
  for (const resource of resources.virtualServices) yield* checkResource(resource);
}

function* checkResource(resource: VirtualService): Iterable<AnalyzerFinding> {
  /** Prefixes of the matches before, which take their requests away. */
  const earlier = new Set<string>();
  for (const [ruleIndex, rule] of (resource.spec.http ?? []).entries()) {
    const rewritten = replacementOf(rule);
    for (const match of rule.match ?? []) {
      const prefix = match.uri?.prefix;
      if (prefix === undefined) continue;
      const problem = rewritten === null ? null : spliceProblem(prefix, rewritten.text, earlier);
      if (isPathAlone(match)) earlier.add(prefix);
      if (problem === null || rewritten === null) continue;
      const path = ['spec', 'http', ruleIndex, ...rewritten.path];
      yield { code: findingCode.doubleSlash, resource, path, ...problem };
    }
  }
}

interface Replacement {
  readonly text: string;
  readonly path: readonly string[];
}

function replacementOf({ rewrite, redirect }: HttpRoute): Replacement | null {
  const text = rewrite?.uri ?? '';
  if (text !== '') return { text, path: ['rewrite', 'uri'] };
  const redirected = redirect?.prefixRewrite ?? '';
  return redirected === '' ? null : { text: redirected, path: ['redirect', 'prefixRewrite'] };
}

function isPathAlone(match: NonNullable<HttpRoute['match']>[number]): boolean {
  return Object.keys(match).every((field) => ['name', 'uri', 'statPrefix'].includes(field));
}

function spliceProblem(
  prefix: string,
  replacement: string,
  earlier: ReadonlySet<string>,
): { readonly message: string; readonly hint: string } | null {
  const below = `${prefix}/`;
  if (replacement.endsWith('/') && !prefix.endsWith('/') && !earlier.has(below)) {
    return {
      message: `"${below}x" becomes "${replacement}/x": only the prefix "${prefix}" is replaced`,
      hint: `match the prefix "${below}" before "${prefix}", in the same rule`,
    };
  }
  if (prefix.endsWith('/') && !replacement.endsWith('/')) {
    return {
      message: `"${prefix}x" becomes "${replacement}x": the slash of the prefix is replaced, too`,
      hint: `write "${replacement}/"`,
    };
  }
  return null;
}
