/**
 * What a request costs by two revisions of this repository, in CPU time: both run side by side with
 * nginx on one core, and are loaded at the same time. Run: npm run bench:compare -- --help
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Case, cases } from '../peers/cases.ts';
import { endpointsCommand } from '../peers/endpoints.ts';
import { type Group, loadCore, startGroup } from '../peers/group.ts';
import { measure } from '../peers/measure.ts';
import { nginxPeer } from '../peers/nginx.ts';
import { endpointPorts } from '../peers/policy.ts';
import type { Sample } from '../peers/result.ts';
import { sluiceAt } from '../peers/sluice.ts';
import { makeCertificate } from '../support/certificate.ts';
import { findCommand } from '../support/find-command.ts';
import { keepAwake } from '../support/keep-awake.ts';
import { startPinned } from '../support/pinned-process.ts';
import { pairedRatios, spreadOf } from '../support/statistics.ts';

import { type Comparison, compareSamples } from './judge.ts';
import { type CompareOptions, readCompareOptions } from './options.ts';
import { checkOut, findRevision, forgetFolders } from './revision.ts';

const usage = `usage: npm run bench:compare -- [BASE [HEAD]] [options]
  BASE         git revision; default the one in bench/compare/reference.json
  HEAD         git revision; default HEAD
  --limit N    times as much CPU for a request as BASE may take; default 1.25
  --rounds N   of three seconds; default 6
  --tap        says the outcome as TAP

Exits with 1 when HEAD takes more, in the median of the rounds and in the best of them, or when
something fails; with 2 on wrong usage. Skips itself where wrk, nginx or the reference are missing, saying so.`;

/** As CI shows it. */
const title = 'a request costs no more CPU than the reference allows';
const file = 'bench/compare/run.ts';
const roundSeconds = 3;
/** Of three together: V8 has compiled what a request runs through. */
const warmUpSeconds = 10;
const measured = cases[0] as Case;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readCompareOptions(process.argv.slice(2));
  if (typeof options === 'string') {
    console.error(options);
    return 2;
  }
  if (options.isHelp) {
    console.log(usage);
    return 0;
  }
  const missing = ['wrk', 'nginx', 'openssl', 'git'].filter((name) => findCommand(name) === null);
  if (missing.length > 0) return skip(options, `install ${missing.join(', ')}`);
  const base = findRevision(options.base ?? reference());
  const head = findRevision(options.head);
  if (base === null && options.base === null) {
    return skip(options, `${reference()} of bench/compare/reference.json is not in this clone`);
  }
  if (base === null || head === null) {
    console.error(`${base === null ? options.base : options.head} is no revision of this clone`);
    return 2;
  }
  try {
    return await compare(options, { base, head });
  } catch (error) {
    console.error((error as Error).message);
    if (options.isTap) console.log(`not ok 1 - ${file}`);
    return 1;
  }
}

function reference(): string {
  const text = readFileSync(join(import.meta.dirname, 'reference.json'), 'utf8');
  return (JSON.parse(text) as { revision: string }).revision;
}

function skip({ isTap }: CompareOptions, reason: string): number {
  console.log(isTap ? `ok 1 - ${file} # SKIP ${reason}` : `bench:compare skipped: ${reason}`);
  return 0;
}

interface Revisions {
  readonly base: string;
  readonly head: string;
}

async function compare(options: CompareOptions, revisions: Revisions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-compare-'));
  const endAwake = keepAwake();
  try {
    const base = checkOut(revisions.base, join(folder, 'base'));
    const head = checkOut(revisions.head, join(folder, 'head'));
    return report(options, await load(options, { base, head }, folder));
  } finally {
    endAwake();
    rmSync(folder, { recursive: true, force: true });
    forgetFolders();
  }
}

/** CPU for a request in each round, microseconds. */
interface Costs {
  readonly nginx: readonly number[];
  readonly base: readonly number[];
  readonly head: readonly number[];
}

async function load(
  options: CompareOptions,
  { base, head }: Revisions,
  folder: string,
): Promise<Costs> {
  const [endpointPort = 0] = endpointPorts.v1;
  const endpoints = await startPinned(loadCore, endpointsCommand(folder), endpointPort);
  try {
    const peers = [nginxPeer, sluiceAt('base', base), sluiceAt('head', head)];
    const certificate = makeCertificate(folder);
    const group = await startGroup(peers, { variant: measured.variant, folder, certificate });
    try {
      for (const [name, reason] of group.skipped) throw new Error(`${name} ${reason}`);
      return await loadTogether(group, options.rounds);
    } finally {
      await group.stop();
    }
  } finally {
    await endpoints.stop();
  }
}

/**
 * All at the same time: they take turns of some milliseconds, so that what else happens on the
 * machine hits all of them alike.
 */
async function loadTogether({ running }: Group, rounds: number): Promise<Costs> {
  const all = (seconds: number) =>
    Promise.all(running.map((each) => measure(each, measured, seconds)));
  await all(warmUpSeconds);
  const samples: Array<readonly Sample[]> = [];
  for (let round = 1; round <= rounds; round++) {
    const found = await all(roundSeconds);
    const shown = found.map(({ cpuUs }, index) => `${running[index]?.peer.name} ${cpuUs}`);
    console.log(`# round ${round}: ${shown.join(', ')} µs CPU/request`);
    samples.push(found);
  }
  const [nginx = [], base = [], head = []] = running.map((_, index) =>
    samples.map((found) => found[index]?.cpuUs ?? Number.NaN),
  );
  return { nginx, base, head };
}

function report({ limit, isTap }: CompareOptions, { nginx, base, head }: Costs): number {
  for (const [name, values] of Object.entries({ base, head })) {
    const ratio = spreadOf(pairedRatios(values, nginx))?.median ?? Number.NaN;
    console.log(`# ${name}: ${ratio.toFixed(2)} times the CPU of nginx for a request`);
  }
  const comparison = compareSamples({ base, head }, limit);
  if (comparison === null) throw new Error('nothing was measured');
  const said = describe(comparison, limit);
  const verdict = comparison.isSlower ? 'not ok' : 'ok';
  console.log(isTap ? `    ${verdict} 1 - ${title}: ${said}\n${verdict} 1 - ${file}` : said);
  return comparison.isSlower ? 1 : 0;
}

function describe({ spread, best }: Comparison, limit: number): string {
  const { median, least, most } = spread;
  const range = `${least.toFixed(2)} to ${most.toFixed(2)}`;
  return `${median.toFixed(2)} times the base (${range}; best slices ${best.toFixed(2)}; limit ${limit})`;
}
