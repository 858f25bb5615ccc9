/**
 * V8's threads behind the one that serves; see docs/decisions/0136-threads-behind-requests.md. V8 has
 * four of them however few cores there are, which compile what runs often and mark garbage. Where a
 * proxy has one core, each would take as much of it as the requests do, milliseconds at a time.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, constants, getPriority, setPriority } from 'node:os';

/** Behind the thread that serves, in steps of niceness: a tenth of its weight. */
const stepsBehind = 10;

/** As Node calls them. */
const namePattern = /V8Worker/;

/**
 * Does nothing where `cores`, those that the process may use, leave one beside that of the requests.
 * `folder` has one for each thread of the process, with a file of its name. Linux counts niceness by
 * threads; elsewhere, and where there is no such folder, nothing is changed.
 */
export function lowerBackgroundThreads(
  cores = availableParallelism(),
  folder = '/proc/self/task',
): void {
  if (cores > 1) return;
  const niceness = Math.min(getPriority() + stepsBehind, constants.priority.PRIORITY_LOW);
  for (const id of backgroundThreads(folder)) {
    try {
      setPriority(id, niceness);
    } catch {
      // It has ended, or the system does not allow it: it stays as it is.
    }
  }
}

function backgroundThreads(folder: string): number[] {
  try {
    const ids = readdirSync(folder);
    return ids.filter((id) => namePattern.test(nameOf(folder, id))).map(Number);
  } catch {
    // Not Linux.
    return [];
  }
}

function nameOf(folder: string, id: string): string {
  try {
    return readFileSync(`${folder}/${id}/comm`, 'latin1');
  } catch {
    // It has ended.
    return '';
  }
}
