/** What a `%NAME%` of a format is compiled into. */

import type { Result } from '../../base/result.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { FormatPurpose } from './format-purpose.ts';

/** A list or a map: its text, as wire text, is what JSON shows without quotes. */
export class JsonValue {
  readonly #json: string;

  constructor(json: string) {
    this.#json = json;
  }

  toString(): string {
    return this.#json;
  }
}

/** null: not known. */
export type FormatValue = string | number | boolean | JsonValue | null;
export type Operator = (info: StreamInfo) => FormatValue;

/** Of an operator with an argument, which may be optional; the error ends a sentence. */
export type OperatorFactory = (
  argument: string | undefined,
  purpose: FormatPurpose,
) => Result<Operator, string>;
