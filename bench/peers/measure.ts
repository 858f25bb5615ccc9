/** One measurement of one proxy: started, verified, warmed up, loaded, stopped. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPinned } from '../support/pinned-process.ts';
import { cpuSeconds, residentMiB } from '../support/process-stats.ts';
import { type Load, runLoad } from '../support/wrk.ts';
import type { Peer } from './peer.ts';
import { authority, measuredPath, proxyPort, responseBody } from './policy.ts';
import { verifyPolicy } from './verify.ts';

export const proxyCore = 0;
export const loadCore = 1;

export interface Measurement {
  readonly requests: number;
  /** CPU time of the proxy for each request, microseconds. */
  readonly cpuUs: number;
  readonly requestsPerSecond: number;
  /** Latency under moderate load (8 connections), microseconds. */
  readonly p50Us: number;
  readonly p99Us: number;
  /** Resident memory at the end, MiB. */
  readonly residentMiB: number;
}

export interface MemorySample {
  readonly requests: number;
  readonly residentMiB: number;
}

export interface MeasureOptions {
  readonly seconds: number;
  readonly folder: string;
}

const connections = 64;
const moderateConnections = 8;
/** Longer than V8 needs to compile what a request runs through. */
const warmUpSeconds = 5;
const memorySampleSeconds = 5;

/** Null when the proxy is not installed. */
export async function measure(peer: Peer, options: MeasureOptions): Promise<Measurement | null> {
  const command = peer.prepare(options.folder);
  if (command === null) return null;
  const load = peerLoad(peer, options);
  const proxy = await startPinned(proxyCore, command, proxyPort);
  try {
    await verifyPeer(peer);
    await runLoad({ ...load, seconds: warmUpSeconds });
    const before = cpuSeconds(proxy.pid);
    const loaded = await runLoad(load);
    const cpu = cpuSeconds(proxy.pid) - before;
    const moderate = await runLoad({
      ...load,
      connections: moderateConnections,
      seconds: Math.max(1, Math.round(options.seconds / 2)),
    });
    return {
      requests: loaded.requests,
      cpuUs: (cpu / loaded.requests) * 1e6,
      requestsPerSecond: loaded.requests / (loaded.durationUs / 1e6),
      p50Us: moderate.p50Us,
      p99Us: moderate.p99Us,
      residentMiB: residentMiB(proxy.pid),
    };
  } finally {
    await proxy.stop();
  }
}

/** Resident memory while `requests` are served. */
export async function measureMemory(
  peer: Peer,
  requests: number,
  options: MeasureOptions,
): Promise<readonly MemorySample[]> {
  const command = peer.prepare(options.folder);
  if (command === null) return [];
  const load = { ...peerLoad(peer, options), seconds: memorySampleSeconds };
  const proxy = await startPinned(proxyCore, command, proxyPort);
  const samples: MemorySample[] = [{ requests: 0, residentMiB: residentMiB(proxy.pid) }];
  try {
    let served = 0;
    while (served < requests) {
      served += (await runLoad(load)).requests;
      samples.push({ requests: served, residentMiB: residentMiB(proxy.pid) });
    }
    return samples;
  } finally {
    await proxy.stop();
  }
}

function peerRequests(peer: Peer): readonly string[] {
  return peer.requests ?? [`${authority} ${measuredPath}`];
}

function peerLoad(peer: Peer, options: MeasureOptions): Load {
  const requestsFile = join(options.folder, 'requests.txt');
  writeFileSync(requestsFile, `${peerRequests(peer).join('\n')}\n`);
  return {
    port: proxyPort,
    connections,
    seconds: options.seconds,
    requestsFile,
    expectedBody: responseBody,
    core: loadCore,
  };
}

async function verifyPeer(peer: Peer): Promise<void> {
  const [host = authority, path = measuredPath] = (peerRequests(peer)[0] ?? '').split(' ');
  await verifyPolicy({ authority: host, path, wholePolicy: peer.wholePolicy ?? true });
}
