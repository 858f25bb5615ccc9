/** All attacks, in the order in which they are carried out. */

import type { Attack } from './attack.ts';
import { connectionAttacks } from './connection-attacks.ts';
import { http1Attacks } from './http1-attacks.ts';
import { http2Attacks } from './http2-attacks.ts';
import { slowAttacks } from './slow-attacks.ts';

export const attacks: readonly Attack[] = [
  ...slowAttacks,
  ...connectionAttacks,
  ...http1Attacks,
  ...http2Attacks,
];
