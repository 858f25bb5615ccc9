/** Conditions as the Gateway API words them. */

import type { Condition } from '../resource-status.ts';

export function holds(type: string, reason: string, message: string): Condition {
  return { type, status: 'True', reason, message };
}

export function fails(type: string, reason: string, message: string): Condition {
  return { type, status: 'False', reason, message };
}

/** Why something does not hold; null where it does. */
export interface Mistake {
  /** Of the condition. */
  readonly reason: string;
  /** One sentence without a full stop. */
  readonly message: string;
  /** What to do, for who wrote it; no part of the condition. */
  readonly hint?: string | null;
}

/** `Accepted` and the like, whose reason is their own name while they hold. */
export function conditionOf(
  type: string,
  mistake: Mistake | null,
  message = 'no errors found',
): Condition {
  return mistake === null
    ? holds(type, type, message)
    : fails(type, mistake.reason, mistake.message);
}
