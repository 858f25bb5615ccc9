/** Formats a time as %START_TIME(…)% does: strftime, with Envoy's and Abseil's sub-second forms. */

import { err, ok, type Result } from '../../base/result.ts';

/** Renders milliseconds since the epoch. */
export type TimeFormatter = (wallMs: number) => string;

export type TimeZone = 'utc' | 'local';

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const monthNames = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function twelveHour(date: Date): number {
  return date.getUTCHours() % 12 || 12;
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start) / 86_400_000) + 1;
}

function isoDate(date: Date): string {
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

function clockTime(date: Date): string {
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** A moment in a time zone. `date`, read as if it were UTC, has the fields that clocks there show. */
interface Moment {
  readonly date: Date;
  readonly wallMs: number;
  readonly zone: TimeZone;
}

function momentOf(wallMs: number, zone: TimeZone): Moment {
  const offsetMs = zone === 'utc' ? 0 : offsetMinutes(wallMs) * 60_000;
  return { date: new Date(wallMs + offsetMs), wallMs, zone };
}

/** East of Greenwich, of the zone of this process (TZ). */
function offsetMinutes(wallMs: number): number {
  return -new Date(wallMs).getTimezoneOffset();
}

/** `+0100`. */
function offsetText({ wallMs, zone }: Moment): string {
  const minutes = zone === 'utc' ? 0 : offsetMinutes(wallMs);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${two(hours)}${two(rest)}`;
}

/** `UTC`, `CET`. */
function zoneName({ wallMs, zone }: Moment): string {
  if (zone === 'utc') return 'UTC';
  const parts = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(wallMs);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** `%X` for each key; sub-second forms are handled by `fraction`. */
const conversions: Readonly<Record<string, (date: Date, moment: Moment) => string>> = {
  Y: (date) => String(date.getUTCFullYear()),
  y: (date) => two(date.getUTCFullYear() % 100),
  m: (date) => two(date.getUTCMonth() + 1),
  B: (date) => monthNames[date.getUTCMonth()] as string,
  b: (date) => (monthNames[date.getUTCMonth()] as string).slice(0, 3),
  h: (date) => (monthNames[date.getUTCMonth()] as string).slice(0, 3),
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()).padStart(2, ' '),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  A: (date) => dayNames[date.getUTCDay()] as string,
  a: (date) => (dayNames[date.getUTCDay()] as string).slice(0, 3),
  u: (date) => String(date.getUTCDay() || 7),
  w: (date) => String(date.getUTCDay()),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(twelveHour(date)),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  F: isoDate,
  D: (date) =>
    `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${two(date.getUTCFullYear() % 100)}`,
  T: clockTime,
  R: (date) => `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`,
  s: (_date, { wallMs }) => String(Math.floor(wallMs / 1000)),
  Z: (_date, moment) => zoneName(moment),
  z: (_date, moment) => offsetText(moment),
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
};

/** Milliseconds are all that is known: further digits are zero. */
function fraction(date: Date, digits: number): string {
  return String(date.getUTCMilliseconds()).padStart(3, '0').padEnd(9, '0').slice(0, digits);
}

const pattern = /%(?:([1-9])?f|E([0-9])S|E\*S|(.))/gs;

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
  for (const [whole, , , letter] of format.matchAll(pattern)) {
    if (letter !== undefined && conversions[letter] === undefined) return whole;
  }
  return null;
}

/** `format` must have no unknown conversion. */
function compileTimeFormat(format: string, zone: TimeZone): TimeFormatter {
  return (wallMs) => {
    const moment = momentOf(wallMs, zone);
    const { date } = moment;
    return format.replace(pattern, (whole, digits, secondDigits, letter) => {
      if (letter !== undefined) return conversions[letter]?.(date, moment) ?? '';
      if (secondDigits !== undefined) {
        const count = Number(secondDigits);
        return two(date.getUTCSeconds()) + (count === 0 ? '' : `.${fraction(date, count)}`);
      }
      if (whole === '%E*S') return `${two(date.getUTCSeconds())}.${fraction(date, 3)}`;
      return fraction(date, digits === undefined ? 9 : Number(digits));
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
