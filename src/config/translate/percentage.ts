/** Percentages as parts of a million, as Envoy counts them. */

import type { PartsPerMillion } from '../../model/route-policy.ts';
import type { Percent } from '../schema/shared.ts';

export const everyRequest: PartsPerMillion = 1_000_000;

export function perMillion(percent: Percent): PartsPerMillion {
  return Math.min(everyRequest, Math.max(0, Math.round((percent.value ?? 0) * 10_000)));
}
