/**
 * Where the processes of a soak run: the proxy has a core of its own, its clients and endpoints
 * another, both before whatever else the machine does, in real time: niceness counts only within a
 * session (`autogroup` of Linux). Otherwise it is the machine that is judged.
 */

import { execFileSync } from 'node:child_process';
import { keepAwake } from '../support/keep-awake.ts';
import { canPin } from '../support/pinned-process.ts';
import { mayPrefix, realTime } from '../support/priority.ts';

const loadCore = 0;
const proxyCore = 1;

/** Words before the command line of the proxy; its children and threads stay there, too. */
export function proxyPrefix(): readonly string[] {
  if (!canPin) return [];
  return ['taskset', '-c', String(proxyCore), ...(mayPrefix(realTime) ? realTime : [])];
}

/** Moves this process, and keeps both cores awake. Returns how to end that. */
export function placeLoad(): () => void {
  if (!canPin) return () => {};
  // Before this process moves, for those that stay awake have a core each.
  const letSleep = keepAwake();
  const pid = String(process.pid);
  execFileSync('taskset', ['-acp', String(loadCore), pid], { stdio: 'ignore' });
  if (mayPrefix(realTime)) execFileSync('chrt', ['-a', '-r', '-p', '10', pid], { stdio: 'ignore' });
  return letSleep;
}
