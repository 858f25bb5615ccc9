/** Finds a program on this machine. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where distributions keep daemons, which is not always on a user's PATH. */
const daemonFolders = ['/usr/sbin', '/usr/local/sbin'];

/** The full path, or null when it is not installed. */
export function findCommand(name: string): string | null {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...daemonFolders]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/** The full path of one that is installed. */
export function commandPath(name: string): string {
  return findCommand(name) ?? name;
}
