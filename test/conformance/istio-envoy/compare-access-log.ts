/** The lines that a proxy logs by its configuration, read from its standard output and compared. */

import { eventually, pause } from '../../support/deadline.ts';
import type { Comparison } from './mismatch.ts';

/** Longer than lines wait before they are written. */
const quietMs = 400;
const patienceMs = 3_000;

/** What a proxy writes, request by request. */
export class LoggedLines {
  readonly #read: () => string;
  #taken = 0;

  /** `read` returns all that was written. */
  constructor(read: () => string) {
    this.#read = read;
  }

  /** The new lines: `count` are expected, or whatever has come when nothing more does. */
  async take(count: number): Promise<readonly string[]> {
    if (count === 0) await pause(quietMs);
    else {
      const arrived = () => this.#lines().length >= count;
      // Where fewer come, comparison says which.
      await eventually('log lines', { within: patienceMs }, arrived).catch(() => undefined);
    }
    const lines = this.#lines();
    this.#taken += lines.length;
    return lines;
  }

  #lines(): readonly string[] {
    // What stands behind the last newline is no line yet.
    return this.#read().split('\n').slice(this.#taken, -1);
  }
}

/** The number of lines at level 1, their text at level 2, JSON member by member. */
export function compareAccessLog(
  comparison: Comparison,
  { expected, actual }: { expected: readonly unknown[]; actual: readonly string[] },
): void {
  comparison.check(1, 'access_log lines', { expected: expected.length, actual: actual.length });
  for (const [index, line] of expected.entries()) {
    const logged = actual[index];
    if (logged === undefined) continue;
    const field = `access_log[${index}]`;
    if (typeof line === 'string') {
      const pair = { expected: line, actual: logged };
      if (!matches(line, logged)) comparison.fail(2, field, pair);
    } else compareMembers(comparison, field, { expected: line, actual: parsed(logged) });
  }
}

/** Of what goes where nobody listens only the way that it took is the same from run to run. */
export function compareLoggedCluster(
  comparison: Comparison,
  { expected, actual }: { expected: string; actual: readonly string[] },
): void {
  const isNamed = actual.length === 1 && actual[0]?.includes(expected) === true;
  if (!isNamed) comparison.fail(1, 'access_log cluster', { expected, actual });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Shown as a mismatch with its text.
    return line;
  }
}

function compareMembers(
  comparison: Comparison,
  field: string,
  pair: { expected: unknown; actual: unknown },
): void {
  if (typeof pair.actual !== 'object' || pair.actual === null) {
    comparison.fail(2, field, pair);
    return;
  }
  const expected = pair.expected as Readonly<Record<string, unknown>>;
  const actual = pair.actual as Readonly<Record<string, unknown>>;
  for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const value = { expected: expected[name], actual: actual[name] };
    if (!sameMember(value.expected, value.actual)) comparison.fail(2, `${field}.${name}`, value);
  }
}

/** A masked or filled-in number is recorded as text. */
function sameMember(expected: unknown, actual: unknown): boolean {
  if (expected === actual) return true;
  if (typeof expected !== 'string') return false;
  if (typeof actual === 'number') return matches(expected, String(actual));
  return typeof actual === 'string' && matches(expected, actual);
}

const masks: Readonly<Record<string, string>> = {
  '<uuid>': '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  '<ms>': '\\d+',
  '<n>': '\\d+(?:\\.\\d+)?',
  '<time>': '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z',
  '<ephemeral>': '\\d+',
  '<hostname>': '\\S+',
  '<local-ip>': '[0-9a-fA-F.:]+',
};
const mask = new RegExp(`(${Object.keys(masks).join('|')})`);

function matches(expected: string, actual: string): boolean {
  const pattern = expected
    .split(mask)
    .map((part) => masks[part] ?? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('');
  return new RegExp(`^${pattern}$`).test(actual);
}
