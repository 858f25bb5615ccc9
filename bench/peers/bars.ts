/** What sluice has to reach, and whether it did. */

import { foundOf, type Measure, type SuiteResult } from './result.ts';

export interface Bar {
  readonly title: string;
  readonly name: string;
  readonly measure: Measure;
  /** The peer whose value is 1; null: the value itself counts. */
  readonly of: string | null;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export const bars: readonly Bar[] = [
  {
    title: 'CPU for a request with a 23-byte body, nginx = 1',
    name: 'body-23',
    measure: 'cpuUs',
    of: 'nginx',
    atMost: 1.25,
  },
  {
    title: 'CPU for a request with a 23-byte body, Envoy = 1',
    name: 'body-23',
    measure: 'cpuUs',
    of: 'envoy',
    atMost: 0.4,
  },
  {
    title: 'requests a second with 64 KiB bodies, nginx = 1',
    name: 'body-64k',
    measure: 'requestsPerSecond',
    of: 'nginx',
    atLeast: 0.8,
  },
  {
    title: 'requests a second with 1 MiB bodies, nginx = 1',
    name: 'body-1m',
    measure: 'requestsPerSecond',
    of: 'nginx',
    atLeast: 0.8,
  },
  {
    title: 'p99 at half of its own rate, Envoy = 1',
    name: 'half-rate',
    measure: 'p99Us',
    of: 'envoy',
    atMost: 1,
  },
  { title: 'idle memory, MiB', name: 'memory', measure: 'idleMiB', of: null, atMost: 60 },
  {
    title: 'memory for an idle connection, KiB',
    name: 'memory',
    measure: 'connectionKiB',
    of: null,
    atMost: 12,
  },
];

export interface Verdict {
  readonly bar: Bar;
  /** Median of the rounds; null: not measured in this run. */
  readonly found: number | null;
  /** Null: not known. */
  readonly isMet: boolean | null;
}

export function judge(result: SuiteResult): readonly Verdict[] {
  return bars.map((bar) => {
    const found = foundOf(result, { ...bar, peer: 'sluice' })?.median ?? null;
    const { atMost = Number.POSITIVE_INFINITY, atLeast = 0 } = bar;
    return { bar, found, isMet: found === null ? null : found <= atMost && found >= atLeast };
  });
}

/** `at most 1.25`. */
export function limitText({ atMost, atLeast }: Bar): string {
  return atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
}
