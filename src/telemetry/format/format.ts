/**
 * Envoy's format strings, compiled once: `%REQ(:METHOD)% %RESPONSE_CODE%`. Access logs and header
 * values of routes are written in them. Text that comes out is wire text (see wire-text.ts).
 */

import { err, ok, type Result } from '../../base/result.ts';
import { wireFromUnicode } from '../../base/wire-text.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { FormatPurpose } from './format-purpose.ts';
import { type FormatError, syntaxError } from './format-syntax.ts';
import { fastJoiner, type Joiner, plainJoiner } from './joiner.ts';
import type { FormatValue, Operator } from './operator.ts';
import { findOperator, takesLength, truncated } from './operators.ts';
import { plainOperators } from './simple-operators.ts';
import { joinSteady, type NamedSegment } from './steady-text.ts';

interface CompiledSegment extends NamedSegment {
  /** What the operator yields needs no escapes in JSON. */
  readonly isPlain: boolean;
}

export class CompiledFormat {
  /** The result, where the format has no operator and so is always the same. */
  readonly constant: string | null;
  /** `value` never has a character that is to be escaped in JSON. */
  readonly isPlain: boolean;
  readonly #join: Joiner;
  /** The operator of a format of nothing else. */
  readonly #single: Operator | null;

  constructor(segments: readonly CompiledSegment[], join: Joiner) {
    this.#join = join;
    const first = segments[0];
    const isConstant = segments.length === 0 || (segments.length === 1 && first?.operator === null);
    this.constant = isConstant ? (first?.literal ?? '') : null;
    this.#single = segments.length === 1 && first?.literal === '' ? first.operator : null;
    this.isPlain = this.#single !== null && first?.isPlain === true;
  }

  format(info: StreamInfo): string {
    return this.constant ?? this.#join(info);
  }

  /** A format of nothing but one operator keeps the type of its value, as Envoy's JSON does. */
  value(info: StreamInfo): FormatValue {
    return this.#single === null ? this.format(info) : this.#single(info);
  }
}

/** `%NAME%`, `%NAME(argument)%`, `%NAME(argument):length%`; an argument may hold `%` and `)`. */
const operatorPattern = /%([A-Z][A-Z0-9_]*)(?:\((.*?)\))?(?::(\d+))?%/y;

/** Envoy leaves out a header whose value is empty, so that is what unset values are there. */
export function compileFormat(
  text: string,
  purpose: FormatPurpose = 'header-value',
): Result<CompiledFormat, FormatError> {
  const segments: CompiledSegment[] = [];
  let literal = '';
  let offset = 0;
  while (offset < text.length) {
    const percent = text.indexOf('%', offset);
    if (percent === -1) break;
    literal += text.slice(offset, percent);
    if (text[percent + 1] === '%') {
      literal += '%';
      offset = percent + 2;
      continue;
    }
    operatorPattern.lastIndex = percent;
    const found = operatorPattern.exec(text);
    if (found === null) return err(syntaxError(text, percent));
    const operator = compileOperator(found, purpose);
    if (!operator.ok) return err({ message: operator.error, offset: percent });
    const [, operatorName = '', argument] = found;
    segments.push({
      literal: wireFromUnicode(literal),
      operator: operator.value,
      name: argument === undefined ? operatorName : '',
      isPlain: plainOperators.includes(operatorName),
    });
    literal = '';
    offset = operatorPattern.lastIndex;
  }
  literal += text.slice(offset);
  if (literal !== '') {
    segments.push({ literal: wireFromUnicode(literal), operator: null, name: '', isPlain: false });
  }
  // Of header values there may be thousands, of access logs there are a few.
  const join =
    purpose === 'access-log'
      ? fastJoiner(joinSteady(segments, '-'), '-')
      : plainJoiner(segments, '');
  return ok(new CompiledFormat(segments, join));
}

function compileOperator(found: RegExpExecArray, purpose: FormatPurpose): Result<Operator, string> {
  const [, name = '', argument, length] = found;
  const operator = findOperator(name, argument, purpose);
  if (!operator.ok) return err(`%${name}% ${operator.error}`);
  if (length === undefined) return operator;
  if (!takesLength(name)) return err(`%${name}% takes no length`);
  return ok(truncated(operator.value, Number(length)));
}
