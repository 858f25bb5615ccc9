/** Whether a format can be used, for those that only check configuration. */

import { compileFormat } from './format.ts';
import { describeFormatError } from './format-syntax.ts';

/** null: it can. */
export function formatMistake(format: string): string | null {
  const compiled = compileFormat(format, 'access-log');
  return compiled.ok ? null : describeFormatError(compiled.error);
}
