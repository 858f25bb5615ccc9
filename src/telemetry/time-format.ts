/** Formats a time as %START_TIME(…)% does: strftime, with Envoy's and Abseil's sub-second forms. */

/** Renders milliseconds since the epoch, always in UTC. */
export type TimeFormatter = (wallMs: number) => string;

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

/** `%X` for each key; sub-second forms are handled by `fraction`. */
const conversions: Readonly<Record<string, (date: Date) => string>> = {
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
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  Z: () => 'UTC',
  z: () => '+0000',
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
};

/** Milliseconds are all that is known: further digits are zero. */
function fraction(date: Date, digits: number): string {
  return String(date.getUTCMilliseconds()).padStart(3, '0').padEnd(9, '0').slice(0, digits);
}

const pattern = /%(?:([1-9])?f|E([0-9])S|E\*S|(.))/gs;

/** The first conversion that is not known, as written; null if all are. */
export function unknownConversion(format: string): string | null {
  for (const [whole, , , letter] of format.matchAll(pattern)) {
    if (letter !== undefined && conversions[letter] === undefined) return whole;
  }
  return null;
}

/** `format` must have no unknown conversion. */
export function compileTimeFormat(format: string): TimeFormatter {
  return (wallMs) => {
    const date = new Date(wallMs);
    return format.replace(pattern, (whole, digits, secondDigits, letter) => {
      if (letter !== undefined) return (conversions[letter] as (date: Date) => string)(date);
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
export function createDefaultTimeFormatter(): TimeFormatter {
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
