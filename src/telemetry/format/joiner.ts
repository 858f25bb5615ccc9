/**
 * Makes a function of its own for one format. In a loop over all segments of all formats V8 knows
 * neither which operator is called nor what it yields; written out one after the other it sees
 * through each call. That is a third of what a line of an access log costs
 * (docs/decisions/0104-what-telemetry-costs.md).
 */

import type { StreamInfo } from '../stream-info.ts';
import type { Operator } from './operator.ts';

/** A literal and the operator behind it; null at the end of the format. */
export interface Segment {
  readonly literal: string;
  readonly operator: Operator | null;
}

/** The text of a format for one exchange. */
export type Joiner = (info: StreamInfo) => string;

/** `unset` stands for what an operator does not know. For formats that are few and used much. */
export function fastJoiner(segments: readonly Segment[], unset: string): Joiner {
  try {
    return writtenOut(segments, unset);
  } catch {
    // Node was started with --disallow-code-generation-from-strings.
    return plainJoiner(segments, unset);
  }
}

/** The same without code of its own. */
export function plainJoiner(segments: readonly Segment[], unset: string): Joiner {
  return (info) => {
    let text = '';
    for (const { literal, operator } of segments) {
      text += literal;
      if (operator !== null) text += operator(info) ?? unset;
    }
    return text;
  };
}

/** The code holds names and numbers alone: what a user has written is passed as a value. */
function writtenOut(segments: readonly Segment[], unset: string): Joiner {
  const values = segments
    .flatMap(({ literal, operator }) => [literal, operator])
    .filter((value) => value !== null && value !== '');
  const names = values.map((_, index) => `v${index}`);
  const pieces = values.map((value, index) =>
    typeof value === 'string' ? `v${index}` : `(v${index}(info) ?? unset)`,
  );
  const code = `const [${names}] = values; return (info) => ${["''", ...pieces].join(' + ')};`;
  return new Function('values', 'unset', code)(values, unset) as Joiner;
}
