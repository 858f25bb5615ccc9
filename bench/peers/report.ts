/** What the rounds come to: medians, and ratios to nginx within the same round. */

import { median } from '../support/median.ts';
import type { Measurement } from './measure.ts';

export interface PeerRounds {
  readonly name: string;
  readonly note: string;
  /** One for each round; null where the peer could not be measured. */
  readonly rounds: ReadonlyArray<Measurement | null>;
  /** Why there are none. */
  readonly skipped: string | null;
}

export interface PeerSummary {
  readonly name: string;
  readonly note: string;
  readonly skipped: string | null;
  /** CPU for each request as a ratio to nginx, median over the rounds; null without nginx. */
  readonly cpuRatio: number | null;
  readonly cpuUs: number;
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly residentMiB: number;
}

export function summarize(peers: readonly PeerRounds[], yardstick: string): PeerSummary[] {
  const base = peers.find((peer) => peer.name === yardstick);
  return peers.map((peer) => {
    const measured = peer.rounds.filter((round) => round !== null);
    const of = (field: keyof Measurement) => median(measured.map((round) => round[field]));
    return {
      name: peer.name,
      note: peer.note,
      skipped: peer.skipped,
      cpuRatio: pairedRatio(peer, base),
      cpuUs: of('cpuUs'),
      requestsPerSecond: of('requestsPerSecond'),
      p50Us: of('p50Us'),
      p99Us: of('p99Us'),
      residentMiB: of('residentMiB'),
    };
  });
}

/** The median of the ratios in the same round: what else runs on the machine hits both alike. */
export function pairedRatio(peer: PeerRounds, base: PeerRounds | undefined): number | null {
  const ratios: number[] = [];
  for (const [index, round] of peer.rounds.entries()) {
    const baseRound = base?.rounds[index];
    if (round !== null && baseRound) ratios.push(round.cpuUs / baseRound.cpuUs);
  }
  return ratios.length === 0 ? null : median(ratios);
}

/** The whole set is kept for itself: a look at some rows, or at more of them, leaves it alone. */
export function resultsFile(only: readonly string[], policy: string): string {
  if (only.length > 0) return 'peers-only.json';
  return policy === 'plain' ? 'peers.json' : `peers-${policy}.json`;
}

export function renderTable(summaries: readonly PeerSummary[]): string {
  const lines = [
    '| proxy | CPU/request, nginx = 1 | µs CPU/request | requests/s | p50 µs | p99 µs | MiB |',
    '|---|---|---|---|---|---|---|',
  ];
  for (const each of summaries) {
    if (each.skipped !== null) {
      lines.push(`| ${each.name} | skipped: ${each.skipped} | | | | | |`);
      continue;
    }
    const cells = [
      each.name,
      each.cpuRatio?.toFixed(2) ?? '-',
      each.cpuUs.toFixed(1),
      each.requestsPerSecond.toFixed(0),
      each.p50Us.toFixed(0),
      each.p99Us.toFixed(0),
      each.residentMiB.toFixed(0),
    ];
    lines.push(`| ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}
