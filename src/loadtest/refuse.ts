/** A value of a scenario that its schema allows and that cannot be used. */

import { findingCode } from '../config/finding-code.ts';
import type { Path, Problems } from '../config/problem.ts';

export interface Refusal {
  readonly problems: Problems;
  readonly path: Path;
}

export function refuse(
  { problems, path }: Refusal,
  message: string,
  hint: string | null = null,
): void {
  problems.add({ code: findingCode.badValue, path, at: 'value', message, hint });
}
