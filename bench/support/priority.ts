/** Which processes go first, as far as this user may decide it. */

import { spawnSync } from 'node:child_process';

/** Words before a command. Real time, in turns: before whatever else the machine does. */
export const realTime: readonly string[] = ['chrt', '-r', '10'];

/** Whether this user may start a command with it. `nice` only warns where it is not allowed. */
export function mayPrefix([program = '', ...args]: readonly string[]): boolean {
  const { status, stderr } = spawnSync(program, [...args, 'true'], { encoding: 'utf8' });
  return status === 0 && stderr === '';
}
