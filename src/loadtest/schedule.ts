/** When requests of an open load are due: one time after the other, whatever the answers do. */

import type { Random } from '../base/random.ts';
import type { Load, Phase } from './scenario.ts';

type OpenPhase = Extract<Phase, { readonly kind: 'open' }>;

/** Times in milliseconds since the end of the warm-up, ascending; negative ones are warm-up. */
export function* schedule(load: Load, random: Random): Generator<number> {
  const [first] = load.phases;
  if (load.warmUpMs > 0 && first?.kind === 'open') {
    const { from, poisson } = first;
    const durationMs = load.warmUpMs;
    yield* phaseTimes({ kind: 'open', durationMs, from, to: from, poisson }, -durationMs, random);
  }
  let startMs = 0;
  for (const phase of load.phases) {
    if (phase.kind === 'open') yield* phaseTimes(phase, startMs, random);
    startMs += phase.durationMs;
  }
}

function* phaseTimes(phase: OpenPhase, startMs: number, random: Random): Generator<number> {
  const { durationMs, from, to } = phase;
  const total = ((from + to) / 2000) * durationMs;
  // Requests that are due so far, as a number with fractions, made into a time.
  let due = 0;
  for (;;) {
    due += phase.poisson ? -Math.log(1 - random.fraction()) : due === 0 ? 0.5 : 1;
    if (due >= total) return;
    yield startMs + timeOf(due, phase);
  }
}

/** When `due` requests are to have been sent: of a ramp, where the area below the rate is that. */
function timeOf(due: number, { durationMs, from, to }: OpenPhase): number {
  const seconds = durationMs / 1000;
  const slope = (to - from) / seconds;
  if (Math.abs(slope) < 1e-9) return (due / from) * 1000;
  return ((Math.sqrt(from * from + 2 * slope * due) - from) / slope) * 1000;
}
