/** Results of the benchmark suite as tests want them. */

import type { Row, Sample, SuiteResult } from '../../bench/peers/result.ts';

/** Samples by case and proxy; a text in their place says why there are none. */
export type Measured = Readonly<
  Record<string, Readonly<Record<string, readonly Sample[] | string>>>
>;

export function suiteResult(measured: Measured): SuiteResult {
  const peers = new Set(Object.values(measured).flatMap((rows) => Object.keys(rows)));
  return {
    date: '2026-01-31',
    command: 'npm run bench:peers',
    machine: { cpu: 'some processor', cores: 2, isPinned: true, kernel: '6.1', node: 'v26.0.0' },
    rounds: 3,
    seconds: 2,
    peers: [...peers].map((name) => ({ name, note: 'the same policy', version: '1.0' })),
    cases: Object.entries(measured).map(([name, rows]) => ({
      name,
      title: `the case ${name}`,
      rows: Object.entries(rows).map(([peer, samples]) => rowOf(peer, samples)),
    })),
  };
}

function rowOf(peer: string, samples: readonly Sample[] | string): Row {
  if (typeof samples === 'string') return { peer, samples: [], skipped: samples };
  return { peer, samples, skipped: null };
}
