/** All cases by all proxies: those of one variant are started together and loaded in turn. */

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from '../support/certificate.ts';
import { rotated } from '../support/statistics.ts';
import { type Case, isSameVariant } from './cases.ts';
import { failureText, type Group, type RunningPeer, startGroup } from './group.ts';
import { measure, warmUp } from './measure.ts';
import { measureConnection, measureIdle, memoryHindrance } from './memory.ts';
import { isAble, type Peer } from './peer.ts';
import type { CaseResult, Row, Sample } from './result.ts';

export interface Suite {
  readonly cases: readonly Case[];
  readonly rounds: number;
  readonly seconds: number;
  readonly folder: string;
  readonly certificate: Certificate;
}

/** A row that is being filled. */
interface OpenRow extends Row {
  readonly samples: Sample[];
  skipped: string | null;
}

export async function runSuite(peers: readonly Peer[], suite: Suite): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  let waiting = suite.cases.filter(({ kind }) => kind === 'load');
  while (waiting.length > 0) {
    const [first] = waiting as [Case];
    const together = waiting.filter(({ variant }) => isSameVariant(variant, first.variant));
    results.push(...(await runTogether(peers, together, suite)));
    waiting = waiting.filter((each) => !together.includes(each));
  }
  for (const each of suite.cases.filter(({ kind }) => kind === 'memory')) {
    results.push(await runMemory(peers, each, suite));
  }
  return results;
}

async function runTogether(
  peers: readonly Peer[],
  together: readonly Case[],
  suite: Suite,
): Promise<CaseResult[]> {
  const [first] = together as [Case];
  const asked = peers.filter((peer) => together.some((each) => isAsked(peer, each)));
  const folder = mkdtempSync(join(suite.folder, 'group-'));
  const { certificate } = suite;
  const group = await startGroup(asked, { variant: first.variant, folder, certificate });
  try {
    const rows = together.map((each) => openRows(each, peers, group));
    for (const running of group.running) {
      const own = rows.flat().filter(({ peer }) => peer === running.peer.name);
      await orSkip(own, () => warmUp(running, first));
    }
    for (const [index, each] of together.entries()) {
      await runRounds(each, { group, rows: rows[index] ?? [], suite });
    }
    return together.map(({ name, title }, index) => ({ name, title, rows: rows[index] ?? [] }));
  } finally {
    await group.stop();
  }
}

interface Started {
  readonly group: Group;
  readonly rows: readonly OpenRow[];
  readonly suite: Suite;
}

async function runRounds(of: Case, { group, rows, suite }: Started): Promise<void> {
  console.log(`\n${of.name}: ${of.title}`);
  const rowOf = ({ peer }: RunningPeer) => rows.find((row) => row.peer === peer.name);
  // V8 compiles some of it again for another rate, half a second that belongs to no round.
  const unused = of.isHalfRate ? group.running : [];
  for (const running of unused) {
    const row = rowOf(running);
    if (row?.skipped === null) await orSkip([row], () => measure(running, of, suite.seconds));
  }
  for (let round = 0; round < suite.rounds; round++) {
    for (const running of rotated(group.running, round)) {
      const row = rowOf(running);
      if (row === undefined || row.skipped !== null) continue;
      await orSkip([row], async () => {
        const sample = await measure(running, of, suite.seconds);
        row.samples.push(sample);
        say(round, running.peer, sample);
      });
    }
  }
}

/** Libraries have their place beside sluice, not in each of its cases. */
function isAsked(peer: Peer, { hasLibraries, variant }: Case): boolean {
  return isAble(peer, variant) && (hasLibraries || peer.can.length > 0);
}

function openRows(of: Case, peers: readonly Peer[], { skipped }: Group): OpenRow[] {
  const asked = peers.filter((peer) => isAsked(peer, of));
  return asked.map((peer) => emptyRow(peer, skipped.get(peer.name) ?? null));
}

function emptyRow({ name }: Peer, skipped: string | null): OpenRow {
  return { peer: name, samples: [], skipped };
}

/** A proxy that fails has no numbers in these rows. */
async function orSkip(rows: readonly OpenRow[], work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    for (const row of rows) {
      row.skipped = failureText(error);
      row.samples.length = 0;
      console.log(`${row.peer}: ${row.skipped}`);
    }
  }
}

/** Once: memory does not depend on the moment. */
async function runMemory(peers: readonly Peer[], of: Case, suite: Suite): Promise<CaseResult> {
  console.log(`\n${of.name}: ${of.title}`);
  const { name, title } = of;
  const hindrance = memoryHindrance();
  if (hindrance !== null) {
    console.log(`skipped: ${hindrance}`);
    return { name, title, rows: peers.map((peer) => emptyRow(peer, hindrance)) };
  }
  const { certificate } = suite;
  const folder = mkdtempSync(join(suite.folder, 'group-'));
  const options = { variant: of.variant, isVerified: false, folder, certificate };
  const group = await startGroup(peers, options);
  try {
    const rows = peers.map((peer) => emptyRow(peer, group.skipped.get(peer.name) ?? null));
    const idle = await measureIdle(group.running);
    for (const [index, running] of group.running.entries()) {
      const own = rows.filter(({ peer }) => peer === running.peer.name);
      await orSkip(own, async () => {
        const connectionKiB = await measureConnection(running, of);
        const sample = { idleMiB: idle[index] ?? Number.NaN, connectionKiB };
        for (const row of own) row.samples.push(sample);
        say(0, running.peer, sample);
      });
    }
    return { name, title, rows };
  } finally {
    await group.stop();
  }
}

function say(round: number, peer: Peer, sample: Sample): void {
  const values = Object.entries(sample).map(([name, value]) => `${name} ${value}`);
  console.log(`round ${round + 1}  ${peer.name.padEnd(20)} ${values.join('  ')}`);
}
