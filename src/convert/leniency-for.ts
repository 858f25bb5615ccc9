/** What is told of as lost already, and need not be told of each request. */

import type { Leniency } from './comparable-mesh.ts';
import type { Loss } from './conversion-losses.ts';

/** Names of what is left out and shows in no field of a comparison. */
export const lenientField = {
  letterCase: 'case of paths',
  words: 'prefixes of words',
  subsets: 'policies of subsets',
} as const;

/** What is left out for requests of one method alone. */
export function methodField(method: string): string {
  return `method ${method}`;
}

/** For routes that some of `losses` are about. */
export function leniencyFor(losses: readonly Loss[]): Leniency {
  const told = new Set(losses.flatMap(({ fields }) => fields));
  return {
    letterCase: told.has(lenientField.letterCase),
    words: told.has(lenientField.words),
    subsets: told.has(lenientField.subsets),
  };
}
