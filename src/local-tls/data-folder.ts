/** Where a user's own data are kept: what belongs to the person and to no configuration. */

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';

/**
 * `$XDG_DATA_HOME/sluice`, else `~/.local/share/sluice` (XDG Base Directory Specification), on
 * macOS `~/Library/Application Support/sluice`. An error where the user has no home.
 */
export function dataFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Result<string, string> {
  const { XDG_DATA_HOME: chosen = '', HOME: named } = env;
  // The specification wants relative paths ignored.
  if (isAbsolute(chosen)) return ok(join(chosen, 'sluice'));
  const home = named ?? accountHome();
  if (!isAbsolute(home)) return err('there is no home folder; set HOME or XDG_DATA_HOME');
  const data = platform === 'darwin' ? 'Library/Application Support' : '.local/share';
  return ok(join(home, data, 'sluice'));
}

function accountHome(): string {
  try {
    return homedir();
  } catch {
    // A container may run as a user that has no account.
    return '';
  }
}
