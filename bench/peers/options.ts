/** The command line of the suite. */

import { parseArgs } from 'node:util';

export interface SuiteOptions {
  readonly cases: readonly string[];
  readonly peers: readonly string[];
  readonly rounds: number;
  /** Of one load. */
  readonly seconds: number;
  /** Null: by what is measured. */
  readonly output: string | null;
  readonly isHelp: boolean;
}

export interface Known {
  readonly cases: readonly string[];
  readonly peers: readonly string[];
}

/** A text says what is wrong. */
export function readOptions(args: readonly string[], known: Known): SuiteOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        cases: { type: 'string', default: known.cases.join(',') },
        only: { type: 'string', default: known.peers.join(',') },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        output: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
    const seconds = Number(values.seconds ?? (values.quick ? 1 : 2));
    if (!(Number.isInteger(rounds) && rounds > 0)) return '--rounds: a whole number from 1 on';
    if (!(Number.isInteger(seconds) && seconds > 0)) return '--seconds: a whole number from 1 on';
    const cases = values.cases.split(',');
    const peers = values.only.split(',');
    const unknownCase = cases.find((name) => !known.cases.includes(name));
    if (unknownCase !== undefined) {
      return `--cases: ${unknownCase} is none of ${known.cases.join(', ')}`;
    }
    const unknownPeer = peers.find((name) => !known.peers.includes(name));
    if (unknownPeer !== undefined) {
      return `--only: ${unknownPeer} is none of ${known.peers.join(', ')}`;
    }
    const output = values.output ?? null;
    return { cases, peers, rounds, seconds, output, isHelp: values.help };
  } catch (error) {
    return (error as Error).message;
  }
}
