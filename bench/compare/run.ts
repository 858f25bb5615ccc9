/**
 * What a request costs by two revisions of this repository, in CPU time: both are built, and loaded
 * in turn with nginx, in slices of a second. Run: npm run bench:compare -- --help
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cases } from '../peers/cases.ts';
import { endpointsCommand } from '../peers/endpoints.ts';
import { loadCore } from '../peers/group.ts';
import { nginxPeer } from '../peers/nginx.ts';
import { endpointPorts } from '../peers/policy.ts';
import type { CaseResult, Row } from '../peers/result.ts';
import { sluiceAt } from '../peers/sluice.ts';
import { runSuite } from '../peers/suite.ts';
import { makeCertificate } from '../support/certificate.ts';
import { findCommand } from '../support/find-command.ts';
import { keepAwake } from '../support/keep-awake.ts';
import { startPinned } from '../support/pinned-process.ts';
import { pairedRatios, spreadOf } from '../support/statistics.ts';
import { buildRevision, findRevision, forgetRevisions } from './build.ts';
import { type Comparison, compareSamples } from './judge.ts';
import { type CompareOptions, readCompareOptions } from './options.ts';

const usage = `usage: npm run bench:compare -- [BASE [HEAD]] [options]
  BASE         git revision; default the one in bench/compare/reference.json
  HEAD         git revision; default HEAD
  --limit N    times as much CPU for a request as BASE may take; default 1.25
  --rounds N   seconds of load on each; default 8
  --tap        says the outcome as TAP

Exits with 1 when HEAD takes more, in the median of the rounds and in the best of them; with 2 on
wrong usage. Skips itself where wrk, nginx or the reference are missing, saying so.`;

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
  return compare(options, { base, head });
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
    const [baseMain, headMain] = await Promise.all([
      buildRevision(revisions.base, join(folder, 'base')),
      buildRevision(revisions.head, join(folder, 'head')),
    ]);
    return report(options, await load(options, { base: baseMain, head: headMain }, folder));
  } finally {
    endAwake();
    rmSync(folder, { recursive: true, force: true });
    forgetRevisions();
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

function report({ limit, isTap }: CompareOptions, { rows }: CaseResult): number {
  const failed = rows.find(({ skipped }) => skipped !== null);
  if (failed !== undefined) throw new Error(`${failed.peer} ${failed.skipped}`);
  const cpuOf = (name: string): readonly number[] =>
    (rows.find(({ peer }) => peer === name) as Row).samples.flatMap(({ cpuUs }) => cpuUs ?? []);
  const samples = { base: cpuOf('base'), head: cpuOf('head') };
  const comparison = compareSamples(samples, limit);
  if (comparison === null) throw new Error('nothing was measured');
  for (const name of ['base', 'head'] as const) {
    const ratio = spreadOf(pairedRatios(samples[name], cpuOf('nginx')))?.median ?? Number.NaN;
    console.log(`# ${name}: ${ratio.toFixed(2)} times the CPU of nginx for a request`);
  }
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
