/** Who goes first: on the core that clients and endpoints share, and on the machine. */

import { writeFileSync } from 'node:fs';
import { mayPrefix, realTime } from '../support/priority.ts';

export interface Priority {
  /** Before the command that shall have it. */
  readonly prefix: readonly string[];
  /** For the one who reads the results. */
  readonly name: string;
}

const first: Priority = { prefix: realTime, name: 'real time' };
const high: Priority = { prefix: ['nice', '-n', '-19'], name: 'nice -19' };

/** Without the right to either the client has to wait for the attackers' turns. */
const none: Priority = { prefix: [], name: 'ordinary, no right to a higher one' };

/** What is measured with must not wait for the attackers: the highest that this user may have. */
export const beforeOthers: Priority = [first, high].find(({ prefix }) => mayPrefix(prefix)) ?? none;
export const behindOthers: Priority = { prefix: ['nice', '-n', '19'], name: 'nice 19' };

/**
 * Puts this session before others on the machine, its proxy among them. Where Linux shares
 * processors among sessions (autogroups), niceness counts only within one. Says whether it could.
 */
export function goBeforeOtherSessions(): boolean {
  try {
    writeFileSync('/proc/self/autogroup', '-15');
    return true;
  } catch {
    // Without the right to do so, or without autogroups.
    return false;
  }
}
