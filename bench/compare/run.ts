/**
 * What a request costs by two revisions of this repository, in CPU time: both run side by side, and
 * are loaded in turn with nginx, in slices of a second. Run: npm run bench:compare -- --help
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cases } from '../peers/cases.ts';
import { endpointsCommand } from '../peers/endpoints.ts';
import { loadCore } from '../peers/group.ts';
import { nginxPeer } from '../peers/nginx.ts';
import { endpointPorts } from '../peers/policy.ts';
import { busyShare, type CaseResult, coreShare, type Sample } from '../peers/result.ts';
import { sluiceAt } from '../peers/sluice.ts';
import { runSuite } from '../peers/suite.ts';
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
  --rounds N   seconds of load on each; default 8
  --tap        says the outcome as TAP

Exits with 1 when HEAD takes more, in the median of the rounds and in the best of them, or when
something fails; with 2 on wrong usage. Skips itself where wrk, nginx or the reference are missing, or the machine is
busy, saying so.`;

/** As CI shows it. */
const title = 'a request costs no more CPU than the reference allows';
const file = 'bench/compare/run.ts';

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

async function load(
  { rounds }: CompareOptions,
  { base, head }: Revisions,
  folder: string,
): Promise<CaseResult> {
  const [endpointPort = 0] = endpointPorts.v1;
  const endpoints = await startPinned(loadCore, endpointsCommand(folder), endpointPort);
  try {
    const peers = [nginxPeer, sluiceAt('base', base), sluiceAt('head', head)];
    const certificate = makeCertificate(folder);
    const suite = { cases: cases.slice(0, 1), rounds, seconds: 1, folder, certificate };
    const [result] = await runSuite(peers, suite);
    if (result === undefined) throw new Error('nothing was measured');
    return result;
  } finally {
    await endpoints.stop();
  }
}

function report(options: CompareOptions, { rows }: CaseResult): number {
  const failed = rows.find(({ skipped }) => skipped !== null);
  if (failed !== undefined) throw new Error(`${failed.peer} ${failed.skipped}`);
  const [nginx, base, head] = rows.map(({ samples }) => cpuOf(samples));
  if (nginx === undefined || base === undefined || head === undefined) throw new Error('no rows');
  for (const [name, values] of Object.entries({ base, head })) {
    const ratio = spreadOf(pairedRatios(values, nginx))?.median ?? Number.NaN;
    console.log(`# ${name}: ${ratio.toFixed(2)} times the CPU of nginx for a request`);
  }
  const share = Math.min(...rows.slice(1).map(({ samples }) => coreShare(samples)));
  if (share < busyShare) {
    return skip(options, `the machine is busy, a proxy had ${Math.round(share * 100)} % of a core`);
  }
  const comparison = compareSamples({ base, head }, options.limit);
  if (comparison === null) throw new Error('nothing was measured');
  const said = describe(comparison, options.limit);
  const verdict = comparison.isSlower ? 'not ok' : 'ok';
  console.log(
    options.isTap ? `    ${verdict} 1 - ${title}: ${said}\n${verdict} 1 - ${file}` : said,
  );
  return comparison.isSlower ? 1 : 0;
}

function cpuOf(samples: readonly Sample[]): readonly number[] {
  return samples.flatMap(({ cpuUs }) => cpuUs ?? []);
}

function describe({ spread, best }: Comparison, limit: number): string {
  const { median, least, most } = spread;
  const range = `${least.toFixed(2)} to ${most.toFixed(2)}`;
  return `${median.toFixed(2)} times the base (${range}; best slices ${best.toFixed(2)}; limit ${limit})`;
}
