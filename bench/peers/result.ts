/** What a run of the suite has found, as it is kept in a file. */

import { median } from '../support/median.ts';
import { pairedRatios, type Spread, spreadOf } from '../support/statistics.ts';

/**
 * `cpuUs`: CPU time of the proxy for a request, microseconds. `p50Us` to `p999Us`: latency,
 * microseconds. `idleMiB`: resident before the first request. `connectionKiB`: what an idle
 * connection adds to that.
 */
export type Measure =
  | 'cpuUs'
  | 'requestsPerSecond'
  | 'p50Us'
  | 'p99Us'
  | 'p999Us'
  | 'idleMiB'
  | 'connectionKiB';

/** What one round has found of one proxy; h2load tells no percentiles. */
export type Sample = Readonly<Partial<Record<Measure, number>>>;

export interface Row {
  readonly peer: string;
  /** One for each round. */
  readonly samples: readonly Sample[];
  /** Why there are none. */
  readonly skipped: string | null;
}

export interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface PeerNote {
  readonly name: string;
  readonly note: string;
  /** Null: not installed. */
  readonly version: string | null;
}

export interface SuiteResult {
  /** Day of the run. */
  readonly date: string;
  readonly command: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    /** False: proxy and load had no cores of their own. */
    readonly isPinned: boolean;
    readonly kernel: string;
    readonly node: string;
  };
  readonly rounds: number;
  /** Length of one load. */
  readonly seconds: number;
  readonly peers: readonly PeerNote[];
  readonly cases: readonly CaseResult[];
}

export function valuesOf(
  result: SuiteResult,
  { name, peer, measure }: { name: string; peer: string; measure: Measure },
): readonly number[] {
  const rows = result.cases.find((each) => each.name === name)?.rows ?? [];
  const samples = rows.find((row) => row.peer === peer)?.samples ?? [];
  return samples.flatMap((sample) => sample[measure] ?? []);
}

/** As a multiple of another peer in the same rounds, or as it is; null where it is not known. */
export function foundOf(
  result: SuiteResult,
  what: { name: string; peer: string; measure: Measure; of: string | null },
): Spread | null {
  const values = valuesOf(result, what);
  if (what.of === null) return spreadOf(values);
  return spreadOf(pairedRatios(values, valuesOf(result, { ...what, peer: what.of })));
}

/** With less of a core under full load, what is measured is the rest of the machine. */
export const busyShare = 0.4;

/** What a proxy under full load had of its core. */
export function coreShare(samples: readonly Sample[]): number {
  const shares = samples.map(({ cpuUs = 0, requestsPerSecond = 0 }) => {
    return (cpuUs * requestsPerSecond) / 1e6;
  });
  return median(shares);
}
