/** What a `%NAME%` of a format is compiled into. */

import type { Result } from '../base/result.ts';
import type { FormatPurpose } from './format-purpose.ts';
import type { StreamInfo } from './stream-info.ts';

/** null: not known. */
export type FormatValue = string | number | boolean | null;
export type Operator = (info: StreamInfo) => FormatValue;

/** Of an operator with an argument, which may be optional; the error ends a sentence. */
export type OperatorFactory = (
  argument: string | undefined,
  purpose: FormatPurpose,
) => Result<Operator, string>;
