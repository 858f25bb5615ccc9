/** Durations, rates and shares, as people read them in a table. */

/** Three digits of it are enough; `-` for null. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  if (ms < 100) return `${ms.toFixed(1)} ms`;
  if (ms < 10_000) return `${ms.toFixed(0)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** `14:03:09.120`, where the reader of it is. */
export function timeOfDay(wall: number): string {
  const date = new Date(wall);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** The two largest units: `2d 3h`, `4m 7s`, `12s`. */
export function formatUptime(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'm'],
    [1, 's'],
  ] as const;
  let rest = Math.floor(seconds);
  const parts: string[] = [];
  for (const [size, unit] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || parts.length > 0) parts.push(`${count}${unit}`);
  }
  return parts.slice(0, 2).join(' ') || '0s';
}

/** One digit behind the point, where that says something. `-` for null. */
export function formatRate(perSecond: number | null): string {
  if (perSecond === null) return '-';
  return perSecond < 100 ? perSecond.toFixed(1) : perSecond.toFixed(0);
}

/** Never 100 % while something failed. */
export function formatShare(share: number): string {
  if (share === 1) return '100 %';
  return `${Math.min(share * 100, 99.99).toFixed(2)} %`;
}
