/** A difference between a recorded outcome and ours, and how values are compared. */

export type Level = 1 | 2 | 3;

export const levels: readonly Level[] = [1, 2, 3];

export interface Mismatch {
  readonly level: Level;
  /** `status`, `upstream.headers.x-forwarded-for`, … */
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Collects differences of one request. */
export class Comparison {
  readonly mismatches: Mismatch[] = [];

  check(level: Level, field: string, pair: { expected: unknown; actual: unknown }): void {
    if (!sameValue(pair.expected, pair.actual)) this.fail(level, field, pair);
  }

  fail(level: Level, field: string, pair: { expected: unknown; actual: unknown }): void {
    this.mismatches.push({ level, field, ...pair });
  }
}

/** Deep equality in which strings of the recording may hold placeholders. */
export function sameValue(expected: unknown, actual: unknown): boolean {
  if (typeof expected === 'string' && typeof actual === 'string') {
    return matchesText(expected, actual);
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return (
      expected.length === actual.length &&
      expected.every((item, index) => sameValue(item, actual[index]))
    );
  }
  if (isRecord(expected) && isRecord(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].every((key) => sameValue(expected[key], actual[key]));
  }
  return expected === actual;
}

const placeholders: Readonly<Record<string, string>> = {
  '<uuid>': '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  '<ms>': '\\d+',
  '<n>': '\\d+',
  '<local-ip>': '[0-9a-fA-F.:]+',
};

/** A generated cookie's value is another one in each run. */
function withoutGenerated(text: string): string {
  return text.replace(/="[0-9a-f]{16}"/g, '="<16 hex>"');
}

function matchesText(expected: string, actual: string): boolean {
  if (expected === actual) return true;
  const wanted = withoutGenerated(expected);
  const got = withoutGenerated(actual);
  if (wanted === got) return true;
  if (!/<(uuid|ms|n|local-ip)>/.test(wanted)) return false;
  const pattern = wanted
    .split(/(<(?:uuid|ms|n|local-ip)>)/)
    .map((part) => placeholders[part] ?? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('');
  return new RegExp(`^${pattern}$`).test(got);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
