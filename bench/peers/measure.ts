/** One load on one proxy, and what it cost. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runH2load } from '../support/h2load.ts';
import { cpuSeconds } from '../support/process-stats.ts';
import { type LoadResult, runLoad } from '../support/wrk.ts';
import type { Case } from './cases.ts';
import { loadCore, type RunningPeer } from './group.ts';
import { authority, bodyPath, responseBody } from './policy.ts';
import type { Sample } from './result.ts';

/** V8 compiles what a request runs through, of which the last is done after some ten seconds. */
const nodeWarmUpSeconds = 12;
const warmUpSeconds = 1;
/** Longer bodies are known by their length, all together. */
const comparedBytesMax = 1024;
const streamsOfConnection = 8;

export async function warmUp(running: RunningPeer, of: Case): Promise<void> {
  await load(running, of, running.isNode ? nodeWarmUpSeconds : warmUpSeconds);
}

export async function measure(running: RunningPeer, of: Case, seconds: number): Promise<Sample> {
  if (!of.isHalfRate) return sampled(running, () => load(running, of, seconds));
  const { requests } = await load(running, of, seconds);
  const rate = Math.round(requests / seconds / 2);
  // Twice as long, so that there are as many requests for the percentiles.
  return sampled(running, () => load(running, of, 2 * seconds, rate));
}

/** Percentiles are missing where the load does not tell them. */
type Loaded = Pick<LoadResult, 'requests' | 'durationUs'> & Partial<LoadResult>;

async function sampled(running: RunningPeer, run: () => Promise<Loaded>): Promise<Sample> {
  const before = cpuSeconds(running.process.pid);
  const { requests, durationUs, p50Us, p99Us, p999Us } = await run();
  const cpu = cpuSeconds(running.process.pid) - before;
  return {
    cpuUs: rounded((cpu / requests) * 1e6),
    requestsPerSecond: rounded(requests / (durationUs / 1e6)),
    ...(p50Us === undefined ? {} : { p50Us, p99Us, p999Us }),
  };
}

/** What is kept of a measurement: a file of them is read by people. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

async function load({ setup }: RunningPeer, of: Case, seconds: number, rate = 0): Promise<Loaded> {
  const path = bodyPath(of.bodyBytes);
  if (setup.protocol === 'h2') {
    const streams = ['-c', String(of.connections), '-m', String(streamsOfConnection)];
    const args = [...streams, '-H', `:authority: ${authority}`];
    const url = `http://127.0.0.1:${setup.port}${path}`;
    const requests = await runH2load({ url, seconds, core: loadCore, args });
    return { requests, durationUs: seconds * 1e6 };
  }
  const hosts = setup.routes?.hosts ?? [authority];
  const requestsFile = join(setup.folder, 'requests.txt');
  writeFileSync(requestsFile, hosts.map((host) => `${host} ${path}\n`).join(''));
  const result = await runLoad({
    scheme: setup.protocol === 'tls' ? 'https' : 'http',
    port: setup.port,
    connections: of.connections,
    seconds,
    requestsFile,
    expectedBody: expectedBody(of),
    isKeptAlive: of.isKeptAlive,
    rate,
    core: loadCore,
  });
  if (result.bytes < result.requests * of.bodyBytes) {
    throw new Error(`${result.requests} responses have ${result.bytes} bytes in all`);
  }
  return result;
}

function expectedBody({ bodyBytes }: Case): string | null {
  if (bodyBytes > comparedBytesMax) return null;
  return bodyBytes === responseBody.length ? responseBody : 'x'.repeat(bodyBytes);
}
