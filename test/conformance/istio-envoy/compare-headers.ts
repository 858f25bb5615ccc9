/** Comparing ordered headers at the three levels of the recording's rules. */

import { type HeaderPair, headerValues } from '../../support/http-reader.ts';
import { type Comparison, type Level, sameValue } from './mismatch.ts';

export interface HeaderRules {
  /** `response_headers` or `upstream.headers`: the start of a field's name. */
  readonly field: string;
  /** Headers that the scenario's rules name: compared always. */
  readonly named: ReadonlySet<string>;
  /** Compared always, whatever the rules say. */
  readonly always: RegExp;
  /** Compared at level 3 only, in answers that the proxy made itself. */
  readonly framing: boolean;
  readonly unstable: readonly string[];
}

export const alwaysInResponses =
  /^(location|set-cookie|www-authenticate|grpc-status|access-control-.*)$/;
export const alwaysUpstream = /^(host|:authority)$/;

const framingNames = /^(connection|transfer-encoding|content-length)$/;

export function compareHeaders(
  comparison: Comparison,
  pair: { readonly expected: readonly HeaderPair[]; readonly actual: readonly HeaderPair[] },
  rules: HeaderRules,
): void {
  const names = new Set([...pair.expected, ...pair.actual].map(([name]) => name.toLowerCase()));
  for (const name of names) {
    const expected = headerValues(pair.expected, name);
    const actual = headerValues(pair.actual, name);
    if (isUnstable(rules, name) && expected.length === actual.length) continue;
    const level = levelOf(name, rules);
    if (!sameSet(expected, actual)) {
      comparison.fail(level, `${rules.field}.${name}`, { expected, actual });
    }
  }
  if (!sameOrder(pair, rules)) comparison.fail(3, `${rules.field} (order and case)`, pair);
}

function levelOf(name: string, rules: HeaderRules): Level {
  if (rules.always.test(name) || rules.named.has(name)) return 1;
  return rules.framing && framingNames.test(name) ? 3 : 2;
}

function isUnstable(rules: HeaderRules, name: string): boolean {
  return rules.unstable.includes(`${rules.field}.${name}`);
}

/** The same values, in whatever order the lines came. */
function sameSet(expected: readonly string[], actual: readonly string[]): boolean {
  if (expected.length !== actual.length) return false;
  const left = [...actual];
  return expected.every((value) => {
    const place = left.findIndex((candidate) => sameValue(value, candidate));
    if (place >= 0) left.splice(place, 1);
    return place >= 0;
  });
}

function sameOrder(
  { expected, actual }: { expected: readonly HeaderPair[]; actual: readonly HeaderPair[] },
  rules: HeaderRules,
): boolean {
  return (
    expected.length === actual.length &&
    expected.every(([name, value], index) => {
      const [actualName, actualValue] = actual[index] ?? ['', ''];
      return (
        name === actualName &&
        (isUnstable(rules, name.toLowerCase()) || sameValue(value, actualValue))
      );
    })
  );
}
