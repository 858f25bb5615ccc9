/** Compares what a test expects with what happens; what it does not speak of is not looked at. */

import type { HttpMirrorPolicy } from '../config/schema/virtual-service.ts';
import { compareBlock } from './compare-block.ts';
import { compareDestinations } from './compare-destinations.ts';
import { type Difference, differs } from './difference.ts';
import type { Expectation } from './schema.ts';

/** Fields that are compared as objects: what is left out is any, and an empty one is none. */
const blocks = [
  'redirect',
  'directResponse',
  'rewrite',
  'fault',
  'headers',
  'delegate',
  'retries',
] as const satisfies readonly (keyof Expectation)[];

const values = [
  'timeout',
  'routeName',
  'status',
  'location',
] as const satisfies readonly (keyof Expectation)[];

/** Those of `upstream` and `endpoint` are compared elsewhere. */
export function compare(expected: Expectation, actual: Expectation): Difference[] {
  const differences: Difference[] = [];
  if (expected.route !== undefined) {
    differences.push(...compareDestinations('route', expected.route, actual.route ?? []));
  }
  for (const field of blocks) {
    if (expected[field] !== undefined) {
      differences.push(...compareBlock(field, expected[field], actual[field]));
    }
  }
  for (const field of values) {
    if (expected[field] !== undefined) {
      const found = compareBlock(field, expected[field], actual[field]);
      differences.push(...(field === 'status' ? found.map(withSentOn) : found));
    }
  }
  differences.push(...compareMirrors(expected, actual), ...compareOwner(expected, actual));
  return differences;
}

/** The proxy itself does not answer. */
function withSentOn(difference: Difference): Difference {
  return difference.actual === null ? { ...difference, actual: 'none, it is sent on' } : difference;
}

/** `mirror` and `mirrorPercentage` are a list of one. */
function compareMirrors(expected: Expectation, actual: Expectation): readonly Difference[] {
  const { mirror, mirrorPercentage: percentage, mirrors } = expected;
  const found = actual.mirrors ?? [];
  const wanted: HttpMirrorPolicy[] = [...(mirrors ?? [])];
  if (mirror !== undefined) wanted.push({ destination: mirror, ...(percentage && { percentage }) });
  if (wanted.length > 0 || mirrors !== undefined) {
    return compareDestinations(mirror === undefined ? 'mirrors' : 'mirror', wanted, found);
  }
  if (percentage === undefined) return [];
  return compareBlock('mirrorPercentage', percentage, found[0]?.percentage);
}

/** A name without a namespace is of any. */
function compareOwner(expected: Expectation, actual: Expectation): readonly Difference[] {
  const { virtualService: wanted } = expected;
  if (wanted === undefined) return [];
  const { virtualService = null } = actual;
  const found = wanted.includes('/') ? virtualService : (virtualService?.split('/')[1] ?? null);
  return differs('virtualService', wanted, found);
}
