/**
 * Where the processes of a soak run: the proxy has a core of its own, its clients and endpoints
 * another, both before whatever else the machine does. Otherwise it is the machine that is judged.
 */

import { execFileSync } from 'node:child_process';
import { findCommand } from '../support/find-command.ts';
import { keepAwake } from '../support/keep-awake.ts';
import { canPin } from '../support/pinned-process.ts';

const loadCore = 0;
const proxyCore = 1;
/** Real time, in turns: niceness would only count within a session (`autogroup` of Linux). */
const first = ['chrt', '-r', '10'];

/** Words before the command line of the proxy; its children and threads stay there, too. */
export function proxyPrefix(): readonly string[] {
  if (!canPin) return [];
  return ['taskset', '-c', String(proxyCore), ...(mayBeFirst() ? first : [])];
}

/** Moves this process, and keeps both cores awake. Returns how to end that. */
export function placeLoad(): () => void {
  if (!canPin) return () => {};
  // Before this process moves, for those that stay awake have a core each.
  const letSleep = keepAwake();
  const pid = String(process.pid);
  execFileSync('taskset', ['-acp', String(loadCore), pid], { stdio: 'ignore' });
  if (mayBeFirst()) execFileSync('chrt', ['-a', '-r', '-p', '10', pid], { stdio: 'ignore' });
  return letSleep;
}

/** Only root may, or who has CAP_SYS_NICE. */
function mayBeFirst(): boolean {
  if (findCommand('chrt') === null) return false;
  try {
    execFileSync('chrt', [...first.slice(1), 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
