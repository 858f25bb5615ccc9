/** Short ways to write toxics in tests. */

import { builtInOrigin } from '../../src/model/origin.ts';
import type { Toxic, ToxicEffect } from '../../src/model/toxic.ts';

/** On every request, where nothing else is said. */
export function toxicOf(effects: readonly ToxicEffect[], changes: Partial<Toxic> = {}): Toxic {
  return { percentage: 1_000_000, headers: [], effects, origin: builtInOrigin, ...changes };
}
