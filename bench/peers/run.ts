/**
 * CPU time for each proxied request, of sluice and of the proxies people use today.
 *
 * The proxy is pinned to one core, wrk and the nginx that plays the endpoints to another. In each
 * round every proxy is measured once, one after the other, and compared with nginx in the same
 * round. Run: npm run bench:peers -- [--rounds 3] [--seconds 5] [--only sluice,nginx]
 * [--memory-requests 1000000] [--policy rich]
 *
 * `--policy rich` adds sluice and Envoy with retries, a mirror at 0 % and connectionPool limits.
 * Results are in bench/results: peers.json of the whole set, peers-rich.json, peers-only.json.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findCommand } from '../support/find-command.ts';
import { keepAwake } from '../support/keep-awake.ts';
import { canPin, startPinned } from '../support/pinned-process.ts';
import { envoyPeer, richEnvoyPeer } from './envoy.ts';
import { fastifyHttpProxyPeer } from './fastify-http-proxy.ts';
import { haproxyPeer } from './haproxy.ts';
import { httpProxyPeer } from './http-proxy.ts';
import { loadCore, type Measurement, measure, measureMemory } from './measure.ts';
import { endpointsCommand, nginxPeer } from './nginx.ts';
import type { Peer } from './peer.ts';
import { endpointPorts } from './policy.ts';
import { type PeerRounds, pairedRatio, renderTable, resultsFile, summarize } from './report.ts';
import { manyRoutesPeer, oneRoutePeer, richSluicePeer, sluicePeer } from './sluice.ts';

const plainPeers: readonly Peer[] = [
  nginxPeer,
  sluicePeer,
  oneRoutePeer,
  manyRoutesPeer,
  haproxyPeer,
  envoyPeer,
  fastifyHttpProxyPeer,
  httpProxyPeer,
];
/** Beside the rows with the plain policy, because what counts is the ratio within one round. */
const richPeers: readonly Peer[] = [richSluicePeer, richEnvoyPeer];

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    'memory-requests': { type: 'string', default: '1000000' },
    policy: { type: 'string', default: 'plain' },
  },
});
const only = options.only.split(',').filter((name) => name !== '');
const resultsFolder = join(import.meta.dirname, '../results');

if (options.policy !== 'plain' && options.policy !== 'rich') {
  console.error('--policy: plain or rich');
  process.exitCode = 2;
} else if (findCommand('wrk') === null || findCommand('nginx') === null) {
  console.log('bench:peers skipped: wrk makes the load and nginx answers it, install both');
} else {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(folder: string): Promise<void> {
  if (!canPin) console.log('not pinned: taskset or a second core is missing; expect noise');
  const endAwake = keepAwake();
  const all = options.policy === 'rich' ? [...plainPeers, ...richPeers] : plainPeers;
  const peers = all.filter((peer) => only.length === 0 || only.includes(peer.name));
  const endpoints = await startPinned(
    loadCore,
    endpointsCommand(folder) ?? [],
    endpointPorts.v1[0] ?? 0,
  );
  try {
    const rounds = await measureRounds(peers, folder);
    const memory =
      only.length === 0 || only.includes(sluicePeer.name) ? await memoryOf(folder) : [];
    report(rounds, memory);
  } finally {
    await endpoints.stop();
    endAwake();
  }
}

async function measureRounds(peers: readonly Peer[], folder: string): Promise<PeerRounds[]> {
  const measured = peers.map((peer) => ({
    name: peer.name,
    note: peer.note,
    rounds: [] as Array<Measurement | null>,
    skipped: null as string | null,
  }));
  for (let round = 1; round <= Number(options.rounds); round++) {
    for (const [index, peer] of peers.entries()) {
      const entry = measured[index];
      if (entry === undefined || entry.skipped !== null) continue;
      const result = await measureOrSay(peer, folder);
      if (typeof result === 'string') entry.skipped = result;
      entry.rounds.push(typeof result === 'string' ? null : result);
      const shown =
        typeof result === 'string' ? result : `${result.cpuUs.toFixed(1)} µs CPU/request`;
      console.log(`round ${round}  ${peer.name.padEnd(20)} ${shown}`);
    }
  }
  return measured;
}

/** The measurement, or why there is none. A peer that fails makes the whole run fail in the end. */
async function measureOrSay(peer: Peer, folder: string): Promise<Measurement | string> {
  try {
    const result = await measure(peer, { seconds: Number(options.seconds), folder });
    return result ?? 'not installed';
  } catch (error) {
    process.exitCode = 1;
    return `failed: ${(error as Error).message.split('\n', 1)[0]}`;
  }
}

async function memoryOf(folder: string): Promise<Awaited<ReturnType<typeof measureMemory>>> {
  const requests = Number(options['memory-requests']);
  if (requests === 0) return [];
  return measureMemory(sluicePeer, requests, { seconds: Number(options.seconds), folder });
}

function report(
  rounds: readonly PeerRounds[],
  memory: Awaited<ReturnType<typeof measureMemory>>,
): void {
  const summaries = summarize(rounds, nginxPeer.name);
  const routesRatio = ratioOf(rounds, manyRoutesPeer, oneRoutePeer);
  const richRatio = ratioOf(rounds, richSluicePeer, sluicePeer);
  console.log(`\n${renderTable(summaries)}`);
  if (routesRatio !== null) {
    console.log(`\n10,000 routes over 1,000 hosts cost ${routesRatio.toFixed(2)} times one route`);
  }
  if (richRatio !== null) {
    console.log(`\nthe rich policy costs sluice ${richRatio.toFixed(2)} times the plain one`);
  }
  if (memory.length > 0) {
    const shown = memory.map((each) => `${each.residentMiB.toFixed(0)} MiB at ${each.requests}`);
    console.log(`\nresident memory of sluice by requests served: ${shown.join(', ')}`);
  }
  mkdirSync(resultsFolder, { recursive: true });
  const file = join(resultsFolder, resultsFile(only, options.policy));
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, pinned: canPin };
  const result = {
    machine,
    node: process.version,
    options,
    summaries,
    routesRatio,
    richRatio,
    memory,
    rounds,
  };
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}

/** CPU time of one row as a multiple of another's in the same round. */
function ratioOf(rounds: readonly PeerRounds[], peer: Peer, base: Peer): number | null {
  const own = rounds.find(({ name }) => name === peer.name);
  const other = rounds.find(({ name }) => name === base.name);
  return own === undefined ? null : pairedRatio(own, other);
}
