/** A git revision in a folder of its own, ready to run. */

import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The hash of a commit; null: it is not in this clone. */
export function findRevision(name: string): string | null {
  const args = ['rev-parse', '--verify', '--quiet', `${name}^{commit}`];
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/**
 * Its entry point, with the packages that are installed here. Node runs it as it is written: what
 * it compiles is the same as that of a build.
 */
export function checkOut(hash: string, folder: string): string {
  const stdio = ['ignore', 'ignore', 'pipe'] as const;
  const args = ['worktree', 'add', '--detach', '--force', folder, hash];
  execFileSync('git', args, { cwd: root, stdio: [...stdio] });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'src/main.ts');
}

/** Git forgets about folders that are gone. */
export function forgetFolders(): void {
  execFileSync('git', ['worktree', 'prune'], { cwd: root });
}
