/** Formats a time as %START_TIME(…)% does: strftime, with Envoy's and Abseil's sub-second forms. */

import { err, ok, type Result } from '../../base/result.ts';
import {
  clockTime,
  conversions,
  isoDate,
  momentOf,
  type TimeZone,
  two,
} from './time-conversions.ts';

/** Renders milliseconds since the epoch. */
export type TimeFormatter = (wallMs: number) => string;

/** Milliseconds are all that is known: further digits are zero. */
function fraction(date: Date, digits: number): string {
  return String(date.getUTCMilliseconds()).padStart(3, '0').padEnd(9, '0').slice(0, digits);
}

/** No more digits than there are; empty for none. */
function shortFraction(date: Date): string {
  return fraction(date, 3).replace(/0+$/, '');
}

/** Fractions have digits; `%E3S` are seconds with some. Whatever else there is has a name. */
const pattern = /%(?:([1-9])?f|E([0-9*])([Sf])|(E4Y|E\*z|E[zT]|.))/gs;

/** Envoy's default is ISO 8601 with milliseconds; the error ends a sentence. */
export function timeFormatter(
  format: string | undefined,
  zone: TimeZone,
): Result<TimeFormatter, string> {
  if (format === undefined || format === '') {
    return ok(zone === 'utc' ? createDefaultTimeFormatter() : compileTimeFormat(localFormat, zone));
  }
  const unknown = unknownConversion(format);
  if (unknown !== null) return err(`has the unknown time conversion ${unknown}`);
  return ok(compileTimeFormat(format, zone));
}

const localFormat = '%Y-%m-%dT%H:%M:%E3S%z';

/** The first conversion that is not known, as written; null if all are. */
function unknownConversion(format: string): string | null {
  for (const [whole, , , , name] of format.matchAll(pattern)) {
    if (name !== undefined && conversions[name] === undefined) return whole;
  }
  return null;
}

/** `format` must have no unknown conversion. */
function compileTimeFormat(format: string, zone: TimeZone): TimeFormatter {
  return (wallMs) => {
    const moment = momentOf(wallMs, zone);
    const { date } = moment;
    return format.replace(pattern, (_whole, digits, precision, unit, name) => {
      if (name !== undefined) return conversions[name]?.(date, moment) ?? '';
      if (unit === undefined) return fraction(date, digits === undefined ? 9 : Number(digits));
      const isShort = precision === '*';
      const parts = isShort ? shortFraction(date) : fraction(date, Number(precision));
      if (unit === 'f') return isShort && parts === '' ? '0' : parts;
      return two(date.getUTCSeconds()) + (parts === '' ? '' : `.${parts}`);
    });
  };
}

/** `2026-11-21T10:34:00.123Z`, Envoy's default. Keeps the text of the last second. */
function createDefaultTimeFormatter(): TimeFormatter {
  let second = Number.NaN;
  let text = '';
  return (wallMs) => {
    const whole = Math.floor(wallMs / 1000);
    if (whole !== second) {
      second = whole;
      const date = new Date(whole * 1000);
      text = `${isoDate(date)}T${clockTime(date)}.`;
    }
    const ms = Math.floor(wallMs - whole * 1000);
    return ms < 10 ? `${text}00${ms}Z` : ms < 100 ? `${text}0${ms}Z` : `${text}${ms}Z`;
  };
}
