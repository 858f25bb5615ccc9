/**
 * What a proxied request costs, by sluice and by the proxies people use today.
 *
 * Proxies run side by side, pinned to one core; wrk and the nginx that plays the endpoints have
 * another. In each round every proxy is loaded once, in turn, and ratios are taken within a round,
 * so that what else happens on the machine hits all alike. Run: npm run bench:peers -- --help
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeCertificate } from '../support/certificate.ts';
import { findCommand } from '../support/find-command.ts';
import { keepAwake } from '../support/keep-awake.ts';
import { canPin, startPinned } from '../support/pinned-process.ts';
import { caddyPeer } from './caddy.ts';
import { cases } from './cases.ts';
import { endpointsCommand } from './endpoints.ts';
import { envoyPeer } from './envoy.ts';
import { fastifyHttpProxyPeer } from './fastify-http-proxy.ts';
import { loadCore } from './group.ts';
import { haproxyPeer } from './haproxy.ts';
import { httpProxyPeer } from './http-proxy.ts';
import { machine, notesOf } from './machine.ts';
import { nginxPeer } from './nginx.ts';
import { readOptions, type SuiteOptions } from './options.ts';
import type { Peer } from './peer.ts';
import { endpointPorts } from './policy.ts';
import type { SuiteResult } from './result.ts';
import { sluicePeer } from './sluice.ts';
import { runSuite } from './suite.ts';
import { renderBars, renderCases } from './tables.ts';
import { traefikPeer } from './traefik.ts';
import { undiciPeer } from './undici.ts';

const peers: readonly Peer[] = [
  nginxPeer,
  sluicePeer,
  envoyPeer,
  haproxyPeer,
  caddyPeer,
  traefikPeer,
  undiciPeer,
  fastifyHttpProxyPeer,
  httpProxyPeer,
];
const known = { cases: cases.map(({ name }) => name), peers: peers.map(({ name }) => name) };

const usage = `usage: npm run bench:peers -- [options]
  --cases NAMES  what is measured, separated by commas; default all:
${cases.map(({ name, title }) => `    ${name.padEnd(18)} ${title}`).join('\n')}
  --only NAMES   proxies, separated by commas; default all that are installed:
    ${known.peers.join(', ')}
  --rounds N     default 3
  --seconds N    of one load; default 2
  --quick        one round of one second: to see that everything works
  --output FILE  results as JSON; default bench/results/peers.json, or peers-only.json of a part

Takes about 12 minutes. Exits with 1 when a proxy fails, with 2 on wrong usage. Bars that sluice
misses are named, and are no failure of the run.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), known);
  if (typeof options === 'string') {
    console.error(options);
    return 2;
  }
  if (options.isHelp) {
    console.log(usage);
    return 0;
  }
  const missing = ['wrk', 'nginx', 'openssl'].filter((name) => findCommand(name) === null);
  if (missing.length > 0) {
    console.log(`bench:peers skipped: install ${missing.join(', ')}`);
    return 0;
  }
  if (!canPin) console.log('not pinned: taskset or a second core is missing; expect noise');
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const endAwake = keepAwake();
  try {
    return await run(options, folder);
  } finally {
    endAwake();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(options: SuiteOptions, folder: string): Promise<number> {
  const [endpointPort = 0] = endpointPorts.v1;
  const endpoints = await startPinned(loadCore, endpointsCommand(folder), endpointPort);
  try {
    const chosen = peers.filter(({ name }) => options.peers.includes(name));
    const notes = await notesOf(chosen);
    const missing = notes.filter(({ version }) => version === null).map(({ name }) => name);
    for (const name of missing) console.log(`${name} is left out: not installed`);
    const installed = chosen.filter(({ name }) => !missing.includes(name));
    const result: SuiteResult = {
      date: new Date().toISOString().slice(0, 10),
      command: ['npm run bench:peers', ...given(process.argv.slice(2))].join(' '),
      machine: machine(),
      rounds: options.rounds,
      seconds: options.seconds,
      peers: notes,
      cases: await runSuite(installed, {
        cases: cases.filter(({ name }) => options.cases.includes(name)),
        rounds: options.rounds,
        seconds: options.seconds,
        folder,
        certificate: makeCertificate(folder),
      }),
    };
    return report(result, options);
  } finally {
    await endpoints.stop();
  }
}

/** As it is run again, wherever the results go. */
function given(args: readonly string[]): readonly string[] {
  const output = args.indexOf('--output');
  const kept = output < 0 ? args : args.toSpliced(output, 2);
  return kept.length === 0 ? [] : ['--', ...kept];
}

function report(result: SuiteResult, options: SuiteOptions): number {
  const isWhole =
    options.cases.length === known.cases.length && options.peers.length === known.peers.length;
  const name = isWhole ? 'peers.json' : 'peers-only.json';
  const file = resolve(options.output ?? join(import.meta.dirname, '../results', name));
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
  console.log(`\n${renderCases(result)}\n\n${renderBars(result)}\n\nresults: ${file}`);
  const rows = result.cases.flatMap((each) => each.rows);
  return rows.some(({ skipped }) => skipped?.startsWith('failed')) ? 1 : 0;
}
