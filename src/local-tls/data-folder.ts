/** Where a user's own data are kept: what belongs to the person and to no configuration. */

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * `$XDG_DATA_HOME/sluice`, else `~/.local/share/sluice` (XDG Base Directory Specification), on
 * macOS `~/Library/Application Support/sluice`. Null where the user has no home.
 */
export function dataFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string | null {
  const { XDG_DATA_HOME: chosen = '', HOME: named } = env;
  // The specification wants relative paths ignored.
  if (isAbsolute(chosen)) return join(chosen, 'sluice');
  const home = named ?? accountHome();
  if (!isAbsolute(home)) return null;
  const data = platform === 'darwin' ? 'Library/Application Support' : '.local/share';
  return join(home, data, 'sluice');
}

function accountHome(): string {
  try {
    return homedir();
  } catch {
    // A container may run as a user that has no account.
    return '';
  }
}
