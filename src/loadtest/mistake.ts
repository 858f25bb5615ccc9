/** A mistake in a scenario that shows only when it is run, such as a file that is not there. */

import type { Path } from '../config/problem.ts';

export interface Mistake {
  readonly message: string;
  /** Of the field in the scenario; null: it is about none. */
  readonly path: Path | null;
  readonly hint: string | null;
}

export function mistake(
  message: string,
  path: Path | null = null,
  hint: string | null = null,
): Mistake {
  return { message, path, hint };
}
