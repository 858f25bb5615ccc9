/**
 * Counts rows of parser data from other projects. A row that we refuse although it is taken there
 * passes only if http1-strict-rows.json names it under a rule, and it is refused with one of the
 * codes of that rule.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodecError } from '../../src/http1/codec-error.ts';

export interface Judgement {
  readonly passed: boolean;
  /** The refusal, if there was one: only then a rule may excuse the row. */
  readonly error: CodecError | null;
  readonly why: string;
}

interface StrictRows {
  /** Rule to the codes with which it refuses. http1.md gives the reasons. */
  readonly rules: Readonly<Record<string, readonly string[]>>;
  /** Suite to row to rule. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const strictRows = JSON.parse(
  readFileSync(join(import.meta.dirname, 'http1-strict-rows.json'), 'utf8'),
) as StrictRows;

export class Http1Suite {
  readonly #name: string;
  readonly #failures: string[] = [];
  readonly #seen = new Set<string>();
  #passed = 0;
  #strict = 0;
  #outOfScope = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Share of the rows in scope that passed, 0 to 1. */
  get share(): number {
    return this.#passed / this.inScope;
  }

  get inScope(): number {
    return this.#passed + this.#failures.length;
  }

  get failures(): readonly string[] {
    return this.#failures;
  }

  leaveOut(): void {
    this.#outOfScope++;
  }

  add(row: string, judgement: Judgement): void {
    this.#seen.add(row);
    const rule = strictRows.rows[this.#name]?.[row];
    if (judgement.passed && rule === undefined) {
      this.#passed++;
    } else if (judgement.passed) {
      this.#failures.push(`${row}: passes, but is listed as refused by rule ${rule}`);
    } else if (rule !== undefined && isRefusedBy(rule, judgement.error)) {
      this.#passed++;
      this.#strict++;
    } else {
      this.#failures.push(`${row}: ${judgement.why}`);
    }
  }

  /** Rows listed as strict that the data does not have. */
  unknownRows(): string[] {
    const listed = Object.keys(strictRows.rows[this.#name] ?? {});
    return listed.filter((row) => !this.#seen.has(row));
  }

  report(): string {
    const counts =
      `${this.#passed} of ${this.inScope} rows in scope pass ` +
      `(${this.#strict} of them refused by a rule of http1.md), ${this.#outOfScope} out of scope`;
    return [`${this.#name}: ${counts}`, ...this.#failures.map((row) => `  ${row}`)].join('\n');
  }
}

function isRefusedBy(rule: string, error: CodecError | null): boolean {
  return error !== null && (strictRows.rules[rule] ?? []).includes(error.code);
}

/** What the parser makes of a target as it was sent: without scheme, authority and fragment. */
export function pathOf(target: string): string {
  const path = target.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/#.*/, '');
  return path === '' ? '/' : path;
}
