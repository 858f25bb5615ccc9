/** What strftime's conversions stand for, with those that Abseil adds: `%X` for each key here. */

export type TimeZone = 'utc' | 'local';

/** A moment in a time zone. `date`, read as if it were UTC, has the fields that clocks there show. */
export interface Moment {
  readonly date: Date;
  readonly wallMs: number;
  readonly zone: TimeZone;
}

export function momentOf(wallMs: number, zone: TimeZone): Moment {
  const offsetMs = zone === 'utc' ? 0 : offsetMinutes(wallMs) * 60_000;
  return { date: new Date(wallMs + offsetMs), wallMs, zone };
}

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const monthNames = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

export function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

export function isoDate(date: Date): string {
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

export function clockTime(date: Date): string {
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

function shortDate(date: Date): string {
  const year = two(date.getUTCFullYear() % 100);
  return `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${year}`;
}

function dayName(date: Date): string {
  return (dayNames[date.getUTCDay()] as string).slice(0, 3);
}

function monthName(date: Date): string {
  return (monthNames[date.getUTCMonth()] as string).slice(0, 3);
}

function dayOfMonth(date: Date): string {
  return String(date.getUTCDate()).padStart(2, ' ');
}

function halfOfDay(date: Date): string {
  return date.getUTCHours() < 12 ? 'AM' : 'PM';
}

function twelveHour(date: Date): number {
  return date.getUTCHours() % 12 || 12;
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start) / 86_400_000) + 1;
}

/** Days since Monday. */
function mondayBased(date: Date): number {
  return (date.getUTCDay() + 6) % 7;
}

/** Weeks begin where `weekDay` is 0; what is before the first one is week 0. */
function weekOfYear(date: Date, weekDay: number): number {
  return Math.floor((dayOfYear(date) + 6 - weekDay) / 7);
}

/** A week of ISO 8601 belongs to the year of its Thursday. */
function thursdayOf(date: Date): Date {
  return new Date(date.getTime() + (3 - mondayBased(date)) * 86_400_000);
}

function isoYear(date: Date): number {
  return thursdayOf(date).getUTCFullYear();
}

function isoWeek(date: Date): number {
  return Math.floor((dayOfYear(thursdayOf(date)) - 1) / 7) + 1;
}

/** East of Greenwich, of the zone of this process (TZ). */
function offsetMinutes(wallMs: number): number {
  return -new Date(wallMs).getTimezoneOffset();
}

/** `+0100`; `colon` is put in its middle. */
function offsetText({ wallMs, zone }: Moment, colon = ''): string {
  const minutes = zone === 'utc' ? 0 : offsetMinutes(wallMs);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? '-' : '+'}${two(hours)}${colon}${two(rest)}`;
}

/** `UTC`, `CET`. */
function zoneName({ wallMs, zone }: Moment): string {
  if (zone === 'utc') return 'UTC';
  const parts = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(wallMs);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** Fractions of a second are not among them. */
export const conversions: Readonly<Record<string, (date: Date, moment: Moment) => string>> = {
  Y: (date) => String(date.getUTCFullYear()),
  E4Y: (date) => String(date.getUTCFullYear()),
  C: (date) => two(Math.floor(date.getUTCFullYear() / 100)),
  G: (date) => String(isoYear(date)),
  g: (date) => two(isoYear(date) % 100),
  y: (date) => two(date.getUTCFullYear() % 100),
  m: (date) => two(date.getUTCMonth() + 1),
  B: (date) => monthNames[date.getUTCMonth()] as string,
  b: monthName,
  h: monthName,
  d: (date) => two(date.getUTCDate()),
  e: dayOfMonth,
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  A: (date) => dayNames[date.getUTCDay()] as string,
  a: dayName,
  u: (date) => String(date.getUTCDay() || 7),
  w: (date) => String(date.getUTCDay()),
  U: (date) => two(weekOfYear(date, date.getUTCDay())),
  W: (date) => two(weekOfYear(date, mondayBased(date))),
  V: (date) => two(isoWeek(date)),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(twelveHour(date)),
  k: (date) => String(date.getUTCHours()).padStart(2, ' '),
  l: (date) => String(twelveHour(date)).padStart(2, ' '),
  P: (date) => halfOfDay(date).toLowerCase(),
  p: halfOfDay,
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  F: isoDate,
  D: shortDate,
  x: shortDate,
  T: clockTime,
  X: clockTime,
  r: (date) => `${two(twelveHour(date))}:${clockTime(date).slice(3)} ${halfOfDay(date)}`,
  c: (date) =>
    `${dayName(date)} ${monthName(date)} ${dayOfMonth(date)} ${clockTime(date)} ${date.getUTCFullYear()}`,
  R: (date) => `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`,
  s: (_date, { wallMs }) => String(Math.floor(wallMs / 1000)),
  Z: (_date, moment) => zoneName(moment),
  z: (_date, moment) => offsetText(moment),
  Ez: (_date, moment) => offsetText(moment, ':'),
  // Offsets have no seconds since 1972.
  'E*z': (_date, moment) => `${offsetText(moment, ':')}:00`,
  ET: () => 'T',
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
};
