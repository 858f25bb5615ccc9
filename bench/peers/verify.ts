/** Makes sure that a proxy does what the policy says before any number of it is believed. */

import { type Dispatcher, H2CClient, Pool } from 'undici';
import type { Setup } from './peer.ts';
import {
  authority,
  canaryHeader,
  canaryWeight,
  measuredPath,
  responseBody,
  versionHeader,
} from './policy.ts';

const splitRequests = 2_000;
const markedRequests = 50;
/** Requests at the same time. */
const atOnce = 16;
/** Standard deviations: a right proxy fails this once in some ten million runs. */
const tolerance = 5.3;

/** Throws with the first thing that is wrong. */
export async function verifyPolicy(setup: Setup): Promise<void> {
  const client = clientOf(setup);
  const host = setup.routes?.hosts.at(-1) ?? authority;
  try {
    const versions = await askMany(client, splitRequests, { host });
    checkSplit(versions.filter((version) => version === 'v2').length);
    if (setup.routes !== null) return;
    const marked = await askMany(client, markedRequests, { host, [canaryHeader]: 'true' });
    if (marked.some((version) => version !== 'v2')) throw new Error('the header route is ignored');
  } finally {
    await client.destroy();
  }
}

function clientOf({ port, protocol }: Setup): Dispatcher {
  if (protocol === 'h2') return new H2CClient(`http://127.0.0.1:${port}`, { pipelining: atOnce });
  const origin = `${protocol === 'tls' ? 'https' : 'http'}://127.0.0.1:${port}`;
  const connect = { rejectUnauthorized: false };
  return new Pool(origin, { connections: atOnce, allowH2: false, connect });
}

/** The versions that answered. */
async function askMany(
  client: Dispatcher,
  count: number,
  headers: Record<string, string>,
): Promise<readonly string[]> {
  const versions: string[] = [];
  while (versions.length < count) {
    const some = Array.from({ length: atOnce }, () => answeredVersion(client, headers));
    versions.push(...(await Promise.all(some)));
  }
  return versions.slice(0, count);
}

async function answeredVersion(
  client: Dispatcher,
  headers: Record<string, string>,
): Promise<string> {
  const answer = await client.request({ method: 'GET', path: measuredPath, headers });
  const body = await answer.body.text();
  if (answer.statusCode !== 200 || body !== responseBody) {
    throw new Error(`answered ${answer.statusCode} with ${JSON.stringify(body)}`);
  }
  return String(answer.headers[versionHeader]);
}

function checkSplit(canaries: number): void {
  const share = canaryWeight / 100;
  const expected = splitRequests * share;
  const deviation = Math.sqrt(splitRequests * share * (1 - share));
  if (Math.abs(canaries - expected) > tolerance * deviation) {
    throw new Error(`${canaries} of ${splitRequests} requests went to v2, expected ${expected}`);
  }
}
