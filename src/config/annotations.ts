/** Annotations of our own on resources of others: what Istio has no field for. */

import type { Path, Problems } from './problem.ts';
import type { Resource } from './resource.ts';
import { nearestName } from './schema/suggest.ts';

/** Switches, `"true"` or `"false"`, on a VirtualService. */
export const switchAnnotation = {
  /** The hash of a request chooses among the destinations of a rule, too. */
  stickyWeights: 'sluice.dev/sticky-weights',
  /** The faults of its rules concern each attempt, so that retries may mask them. */
  faultInAttempt: 'sluice.dev/fault-in-attempt',
} as const;

export type SwitchAnnotation = (typeof switchAnnotation)[keyof typeof switchAnnotation];

const names: readonly string[] = Object.values(switchAnnotation);

export function isSwitchedOn(
  { metadata }: Resource<string, unknown>,
  name: SwitchAnnotation,
): boolean {
  return metadata.annotations[name] === 'true';
}

/** Annotations of others are none of our business; those that look like ours are checked. */
export function checkSwitches({ metadata }: Resource<string, unknown>, problems: Problems): void {
  for (const [name, value] of Object.entries(metadata.annotations)) {
    const path: Path = ['metadata', 'annotations', name];
    if (names.includes(name)) {
      if (value === 'true' || value === 'false') continue;
      problems.invalid(path, `the annotation must be "true" or "false", not "${value}"`);
    } else if (name.startsWith('sluice.dev/')) {
      const near = nearestName(name, names);
      if (near === null) continue;
      problems.doubtful(path, 'the annotation has no meaning', `did you mean "${near}"?`);
    }
  }
}
