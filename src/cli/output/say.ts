/** What a command tells its user beside its output: one line on standard error. */

import { exitCode } from '../exit-code.ts';
import { printableLine } from './printable.ts';

export function say(text: string): void {
  process.stderr.write(`sluice: ${printableLine(text)}\n`);
}

/** Says why the command failed, and returns its exit code. */
export function fail(why: string): number {
  say(why);
  return exitCode.failure;
}
