/**
 * CPU time for each proxied request over TLS, HTTP/2 and gRPC: sluice, nginx and Envoy, each with
 * one route to two endpoints. The proxy is pinned to one core, h2load and the endpoints to another;
 * in each round every proxy is measured once, and ratios are taken within the round.
 *
 * Run: npm run bench:protocols -- [--rounds 3] [--seconds 4] [--only tls,h2,grpc]
 * Results are in bench/results/protocols.json.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findCommand } from '../support/find-command.ts';
import { runH2load } from '../support/h2load.ts';
import { median } from '../support/median.ts';
import { canPin, startPinned } from '../support/pinned-process.ts';
import { cpuSeconds } from '../support/process-stats.ts';
import { envoyPeer } from './envoy.ts';
import { grpcEndpointCommand } from './nghttpd.ts';
import { http1EndpointsCommand, nginxPeer } from './nginx.ts';
import {
  type Certificate,
  type ProtocolPeer,
  type ProtocolRow,
  path,
  protocolRows,
  proxyPort,
} from './protocol.ts';
import { sluicePeer } from './sluice.ts';

const proxyCore = 0;
const loadCore = 1;
const warmUpSeconds = 4;
const peers: readonly ProtocolPeer[] = [nginxPeer, sluicePeer, envoyPeer];

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: 'tls,h2,grpc' },
  },
});

const missing = ['h2load', 'nginx', 'openssl'].filter((name) => findCommand(name) === null);
if (missing.length > 0) {
  console.log(`bench:protocols skipped: install ${missing.join(', ')}`);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Summary {
  readonly protocol: string;
  readonly peer: string;
  /** Microseconds of CPU time for a request; empty where it is not installed. */
  readonly cpuUs: readonly number[];
}

async function run(folder: string): Promise<void> {
  if (!canPin) console.log('not pinned: taskset or a second core is missing; expect noise');
  const certificate = makeCertificate(folder);
  const messageFile = join(folder, 'message');
  writeFileSync(messageFile, Buffer.from('\0\0\0\0\x0a0123456789', 'latin1'));
  const only = options.only.split(',');
  const summaries: Summary[] = [];
  for (const row of protocolRows(messageFile)) {
    if (!only.includes(row.protocol)) continue;
    console.log(`\n${row.protocol}: ${row.title}`);
    const measured = await measureRow(row, folder, certificate);
    printRow(measured);
    summaries.push(...measured);
  }
  const results = join(import.meta.dirname, '../results');
  mkdirSync(results, { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, pinned: canPin };
  const result = { machine, node: process.version, options, summaries };
  writeFileSync(join(results, 'protocols.json'), `${JSON.stringify(result, null, 2)}\n`);
}

async function measureRow(
  row: ProtocolRow,
  folder: string,
  certificate: Certificate,
): Promise<Summary[]> {
  const [port = 0] = row.endpointPorts;
  const command = row.isHttp2Upstream
    ? grpcEndpointCommand(folder, port)
    : http1EndpointsCommand(folder);
  if (command === null) {
    console.log('skipped: install nghttpd (Debian: nghttp2-server), which plays the endpoint');
    return [];
  }
  const endpoints = await startPinned(loadCore, command, port);
  const summaries = peers.map(({ name }) => ({
    protocol: row.protocol,
    peer: name,
    cpuUs: [] as number[],
  }));
  try {
    for (let round = 1; round <= Number(options.rounds); round++) {
      for (const [index, peer] of peers.entries()) {
        const cpuUs = await measure(peer.prepare(folder, row, certificate), row);
        if (cpuUs === null) continue;
        summaries[index]?.cpuUs.push(cpuUs);
        console.log(`round ${round}  ${peer.name.padEnd(8)} ${cpuUs.toFixed(1)} µs CPU/request`);
      }
    }
  } finally {
    await endpoints.stop();
  }
  return summaries;
}

async function measure(
  command: readonly string[] | null,
  row: ProtocolRow,
): Promise<number | null> {
  if (command === null) return null;
  const proxy = await startPinned(proxyCore, command, proxyPort);
  try {
    const url = `${row.isTls ? 'https' : 'http'}://127.0.0.1:${proxyPort}${path}`;
    const load = { url, core: loadCore, args: row.load };
    await runH2load({ ...load, seconds: warmUpSeconds });
    const before = cpuSeconds(proxy.pid);
    const requests = await runH2load({ ...load, seconds: Number(options.seconds) });
    return ((cpuSeconds(proxy.pid) - before) / requests) * 1e6;
  } finally {
    await proxy.stop();
  }
}

function printRow(summaries: readonly Summary[]): void {
  const ratioTo = (base: string, { cpuUs }: Summary): string => {
    const other = summaries.find(({ peer }) => peer === base)?.cpuUs ?? [];
    const ratios = cpuUs.flatMap((us, round) => (other[round] ? [us / other[round]] : []));
    return ratios.length === 0 ? '-' : median(ratios).toFixed(2);
  };
  console.log('| proxy | CPU µs/request | of nginx | of Envoy |\n|---|---|---|---|');
  for (const each of summaries) {
    const us = each.cpuUs.length === 0 ? 'not installed' : median(each.cpuUs).toFixed(1);
    console.log(`| ${each.peer} | ${us} | ${ratioTo('nginx', each)} | ${ratioTo('envoy', each)} |`);
  }
}

/** For this run alone. */
function makeCertificate(folder: string): Certificate {
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const files = ['-keyout', key, '-out', certificate];
  const name = ['-subj', '/CN=bench', '-days', '2', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...files, ...name], { stdio: 'ignore' });
  return { certificate, key };
}
