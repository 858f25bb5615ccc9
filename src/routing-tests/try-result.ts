/** What came of one request or connection of a test, before anybody has judged it. */

import type { ConnectionExplanation } from '../explain/connection-explanation.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { Origin } from '../model/origin.ts';
import type { Difference } from './difference.ts';
import type { Expectation } from './schema.ts';

export interface TryResult {
  /** Of the route that decided, or of the filter chain; null: none did. */
  readonly origin: Origin | null;
  /** In words; null: none did. */
  readonly route: string | null;
  /** What the proxy does with hosts that nothing knows is no route of the configuration. */
  readonly isConfigured: boolean;
  differencesFrom(expected: Expectation): readonly Difference[];
  explain(): Explanation | ConnectionExplanation;
}

/** ` of VirtualService default/reviews (rules.yaml:12)`. */
export function ownerText({ kind, namespace, name, file, line }: Origin): string {
  return `of ${kind} ${namespace}/${name}${file === '' ? '' : ` (${file}:${line})`}`;
}
