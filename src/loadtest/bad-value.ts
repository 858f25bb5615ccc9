/** A value of a scenario that its schema allows and that cannot be used. */

import { findingCode } from '../config/finding-code.ts';
import type { Path, Problem, Problems } from '../config/problem.ts';

export interface Refusal {
  readonly problems: Problems;
  readonly path: Path;
}

export function refuse(
  { problems, path }: Refusal,
  message: string,
  hint: string | null = null,
): void {
  problems.add(badValue(path, message, hint));
}

/** Also of a value that only the run shows to be of no use, such as a file that is not there. */
export function badValue(path: Path, message: string, hint: string | null = null): Problem {
  return { code: findingCode.badValue, path, at: 'value', message, hint };
}
