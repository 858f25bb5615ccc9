/** A command line that is wrong as its parser cannot see; `main.ts` tells it as what the parser saw. */

import { CommanderError } from 'commander';
import { exitCode } from '../exit-code.ts';

export function usageError(message: string): CommanderError {
  return new CommanderError(exitCode.usage, 'commander.invalidArgument', message);
}

/** It may have been taken by an option that stands before it. */
export function missingArgument(message: string): CommanderError {
  return new CommanderError(exitCode.usage, 'commander.missingArgument', message);
}
