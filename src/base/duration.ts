/** Durations as configuration writes them: `10s`, `1.5h`, `100ms`, `1h30m` (Go and protobuf JSON). */

const form = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/;
const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds, with fractions and sign; null where the text is no duration. */
export function parseDuration(text: string): number | null {
  const whole = form.exec(text);
  if (whole === null) return null;
  let total = 0;
  for (const [, amount, unit] of (whole[2] ?? '').matchAll(part)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  }
  return whole[1] === '-' ? -total : total;
}
