/** What a load balancing policy must do. One file each implements it. */

import type { LiveEndpoint } from '../live-endpoint.ts';
import type { HashKey } from './hash-key.ts';

/** The endpoints to choose from, in order of configuration: healthy ones, or all in a panic. */
export interface Candidates {
  readonly endpoints: readonly LiveEndpoint[];
  /** One for each endpoint, positive. Only their ratios matter. */
  readonly weights: readonly number[];
}

export interface LoadBalancer {
  /**
   * Replaces the candidates, with every change of health. Must be cheap: tables are built by the
   * first `pick` after it, which takes time in proportion to their size.
   */
  update(candidates: Candidates): void;
  /**
   * One candidate, null without any. `attempt` counts from 0 how often the choice for the same
   * request was refused. Only balancers that hash read the key.
   */
  pick(key: HashKey, attempt: number): LiveEndpoint | null;
}

export const noCandidates: Candidates = { endpoints: [], weights: [] };

export function weightsAreEqual(weights: readonly number[]): boolean {
  return weights.every((weight) => weight === weights[0]);
}
