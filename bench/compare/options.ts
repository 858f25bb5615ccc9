/** The command line of the comparison. */

import { parseArgs } from 'node:util';

export interface CompareOptions {
  /** Null: the reference that is kept here. */
  readonly base: string | null;
  readonly head: string;
  /** Times as much CPU for a request as the base. */
  readonly limit: number;
  readonly rounds: number;
  /** Says the outcome as TAP, for CI. */
  readonly isTap: boolean;
  readonly isHelp: boolean;
}

/** A text says what is wrong. */
export function readCompareOptions(args: readonly string[]): CompareOptions | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        limit: { type: 'string', default: '1.25' },
        rounds: { type: 'string', default: '6' },
        tap: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const limit = Number(values.limit);
    const rounds = Number(values.rounds);
    if (!(limit > 0)) return '--limit: a number above 0';
    if (!(Number.isInteger(rounds) && rounds > 0)) return '--rounds: a whole number from 1 on';
    const [base = null, head = 'HEAD', ...rest] = positionals;
    if (rest.length > 0) return `two revisions, and not also ${rest.join(' ')}`;
    return { base, head, limit, rounds, isTap: values.tap, isHelp: values.help };
  } catch (error) {
    return (error as Error).message;
  }
}
