/**
 * Processes that end with the one that starts them, whatever ends it: a test that is killed at its
 * time limit leaves no proxy behind.
 */

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Linux ends a child with its parent where it is asked to; this command of util-linux asks. */
const setpriv = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'setpriv'))
  .find((path) => process.platform === 'linux' && existsSync(path));

export function spawnBound(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  const child =
    setpriv === undefined
      ? spawn(command, args, options)
      : spawn(setpriv, ['--pdeathsig', 'KILL', '--', command, ...args], options);
  // Elsewhere, and where the end is not a sudden one.
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}
