/** What an attack is: who carries it out, against which port, and with which numbers. */

import type { Behaviour } from './crowd.ts';

export interface OwnAttack {
  readonly kind: 'own';
  readonly name: string;
  /** What it does, with its numbers. */
  readonly note: string;
  /** Against which listener; the well-behaved client uses the same. */
  readonly port: 'plain' | 'tls';
  behave(): Promise<Behaviour> | Behaviour;
}

export interface SlowAttack {
  readonly kind: 'slowhttptest';
  readonly name: string;
  readonly note: string;
  readonly port: 'plain';
  /** Of slowhttptest, without the address and the time. */
  readonly args: readonly string[];
  readonly path: string;
}

export type Attack = OwnAttack | SlowAttack;
