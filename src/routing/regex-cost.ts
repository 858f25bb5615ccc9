/**
 * Proves how much work a backtracking engine can be made to do by a text, for patterns that
 * `regex-syntax.ts` could parse. V8 is then given texts short enough to be harmless, and RE2's
 * algorithm, which is linear but many times slower, the others.
 *
 * The argument: count how often the engine can stand at one place of the pattern and of the text.
 * A loop over characters C that is always entered behind a character outside C ("fenced", or at
 * the start of the text) has runs that never overlap, so all its runs together cover the text once
 * for each way to get there. Any other loop may be entered at every place of the text, and each
 * time run to its end: it raises the degree by one. A last loop over any character cannot fail and
 * is never tried twice.
 */

import { anyChar, type CharSet, type RegexNode, type RegexSequence } from './regex-syntax.ts';

/** Steps that one match may cost, about 0.1 ms. */
const stepBudget = 65_536;
/** Ways through alternatives and optional parts that are still counted as few. */
const maxWays = 64;
/** Beyond these, one place of the pattern and the text could cost more than a few steps. */
const maxPatternLength = 256;
const maxFixedCount = 16;

/** The longest text on which V8 stays within the budget; 0 if there is no such promise. */
export function longestHarmlessText(pattern: string, branches: readonly RegexSequence[]): number {
  if (pattern.length > maxPatternLength) return 0;
  const cost = costOf(branches, { before: 0n, isTail: true });
  if (cost.ways > maxWays) return 0;
  return Math.floor((stepBudget / cost.ways) ** (1 / (cost.degree + 1)));
}

interface Place {
  /** The characters that can stand before this place; none at the start of the text. */
  readonly before: CharSet;
  /** Nothing follows in the pattern. */
  readonly isTail: boolean;
}

interface Cost {
  readonly degree: number;
  readonly ways: number;
  /** The characters that can stand before the place behind it. */
  readonly after: CharSet;
}

function costOf(branches: readonly RegexSequence[], place: Place): Cost {
  let degree = 0;
  let ways = 0;
  let after: CharSet = 0n;
  for (const branch of branches) {
    const cost = sequenceCost(branch, place);
    degree = Math.max(degree, cost.degree);
    ways += cost.ways;
    after |= cost.after;
  }
  return { degree, ways, after };
}

function sequenceCost(nodes: RegexSequence, place: Place): Cost {
  let degree = 0;
  let ways = 1;
  let before = place.before;
  for (const [i, node] of nodes.entries()) {
    const cost = nodeCost(node, { before, isTail: place.isTail && i === nodes.length - 1 });
    degree += cost.degree;
    ways *= cost.ways;
    before = cost.after;
  }
  return { degree, ways, after: before };
}

function nodeCost(node: RegexNode, place: Place): Cost {
  const { before } = place;
  if (node.kind === 'char') return { degree: 0, ways: 1, after: node.set };
  if (node.kind === 'group') {
    const inner = costOf(node.branches, place);
    if (node.optional === 'no') return inner;
    return { degree: inner.degree, ways: inner.ways + 1, after: inner.after | before };
  }
  const after = node.min > 0 ? node.set : node.set | before;
  if (node.max === 1) return { degree: 0, ways: 2, after };
  if (node.min === node.max && node.max <= maxFixedCount) return { degree: 0, ways: 1, after };
  const isFenced = (before & node.set) === 0n;
  const cannotFail =
    place.isTail && node.set === anyChar && node.min <= 1 && node.max === Number.POSITIVE_INFINITY;
  return { degree: isFenced || cannotFail ? 0 : 1, ways: 1, after };
}
