/** Durations, percentages, statuses and regular expressions: checks that many fields share. */

import { parseDuration } from '../../base/duration.ts';
import { re2 } from '../../base/re2.ts';
import type { Path, Problems } from '../problem.ts';
import type { StringMatch } from '../schema/shared.ts';

/** Istio: at least 1ms, and whole milliseconds. */
export function checkDuration(text: string | undefined, path: Path, problems: Problems): void {
  if (text === undefined) return;
  const milliseconds = parseDuration(text) ?? 0;
  if (milliseconds < 1) problems.invalid(path, `the duration ${text} must be 1ms or more`);
  else if (!isWhole(milliseconds)) {
    problems.invalid(path, `the duration ${text} must be a whole number of milliseconds`);
  }
}

/** Fractions of a nanosecond come from floating point only. */
export function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-7;
}

export function checkPercent(value: number | undefined, path: Path, problems: Problems): void {
  if (value === undefined || (value >= 0 && value <= 100)) return;
  problems.invalid(path, `the percentage must be 0 to 100, not ${value}`);
}

export function checkNotNegative(value: number | undefined, path: Path, problems: Problems): void {
  if (value !== undefined && value < 0) problems.invalid(path, `the number must not be negative`);
}

/** Istio lets 600 pass, and Envoy refuses the whole configuration for it. */
export function checkResponseStatus(status: number, path: Path, problems: Problems): void {
  if (status >= 200 && status <= 599) return;
  problems.invalid(path, `the status must be 200 to 599, not ${status}`);
}

/** Istio's bound on the text of a pattern, in place of RE2's program size. */
const maxPatternLength = 1024;

/** Whether the pattern can be used. */
export function checkPattern(pattern: string, path: Path, problems: Problems): boolean {
  if (pattern === '') {
    problems.invalid(path, 'the regular expression must not be empty');
    return false;
  }
  if (Buffer.byteLength(pattern) > maxPatternLength) {
    problems.invalid(path, `the regular expression has more than ${maxPatternLength} bytes`);
    return false;
  }
  const mistake = patternMistake(pattern);
  if (mistake === null) return true;
  const hint = pattern === '*' ? 'to match anything write .*' : 'the syntax is that of RE2';
  problems.invalid(path, `"${pattern}" is not a regular expression: ${mistake}`, hint);
  return false;
}

/** What is wrong with a pattern of RE2; null: it is one. */
export function patternMistake(pattern: string): string | null {
  try {
    re2().compile(pattern);
    return null;
  } catch (error) {
    // re2js reports a bad pattern by throwing; the text of the pattern is in our message already.
    const message = error instanceof Error ? error.message : String(error);
    return message.replace(/^error parsing regexp: /, '');
  }
}

export function checkStringMatch(match: StringMatch, path: Path, problems: Problems): void {
  if (match.prefix === '') problems.invalid([...path, 'prefix'], 'the prefix must not be empty');
  if (match.regex !== undefined) checkPattern(match.regex, [...path, 'regex'], problems);
}
