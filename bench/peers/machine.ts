/** Where a run took place, and with which proxies. */

import { cpus, release } from 'node:os';
import { findCommand } from '../support/find-command.ts';
import { canPin, runPinned } from '../support/pinned-process.ts';
import type { Peer } from './peer.ts';
import type { PeerNote, SuiteResult } from './result.ts';

export function machine(): SuiteResult['machine'] {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    isPinned: canPin,
    kernel: kernelSeries(release()),
    node: process.version,
  };
}

/** What a build of it is called says nothing about a measurement. */
export function kernelSeries(release: string): string {
  return /^\d+\.\d+/.exec(release)?.[0] ?? 'unknown';
}

export async function notesOf(peers: readonly Peer[]): Promise<readonly PeerNote[]> {
  const notes: PeerNote[] = [];
  for (const { name, note, version } of peers) {
    notes.push({ name, note, version: await versionOf(version) });
  }
  return notes;
}

async function versionOf(version: Peer['version']): Promise<string | null> {
  if (typeof version === 'string') return version;
  const [program = '', ...args] = version;
  const path = findCommand(program) ?? program;
  if (!path.includes('/')) return null;
  const { stdout, stderr } = await runPinned(0, [path, ...args]);
  return versionIn(stdout + stderr);
}

/** Before the word there may be a path with numbers in it. */
export function versionIn(output: string): string {
  const told = /\bversion\b:?(.*)/i.exec(output)?.[1] ?? output;
  return /\d+\.\d+(\.\d+)?/.exec(told)?.[0] ?? 'unknown';
}
