/** A git revision, built in a folder of its own. */

import { execFile, execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

/** The hash of a commit; null: it is not in this clone. */
export function findRevision(name: string): string | null {
  try {
    const args = ['rev-parse', '--verify', '--quiet', `${name}^{commit}`];
    return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}

/** Builds it with the packages that are installed here; returns its entry point. */
export async function buildRevision(hash: string, folder: string): Promise<string> {
  const run = promisify(execFile);
  await run('git', ['worktree', 'add', '--detach', '--force', folder, hash], { cwd: root });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await run('npm', ['run', '-s', 'build'], { cwd: folder });
  return join(folder, 'dist/main.js');
}

/** Git forgets about a folder that is gone. */
export function forgetRevisions(): void {
  execFileSync('git', ['worktree', 'prune'], { cwd: root });
}
