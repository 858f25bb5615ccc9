/** Makes sure that a proxy does what the policy says before any number of it is believed. */

import { Agent, type IncomingMessage, request } from 'node:http';
import { canaryHeader, canaryWeight, proxyPort, responseBody, versionHeader } from './policy.ts';

const splitRequests = 2_000;
const markedRequests = 50;
/** Standard deviations: a right proxy fails this once in some ten million runs. */
const tolerance = 5.3;

export interface PolicyProbe {
  readonly authority: string;
  readonly path: string;
  /** Whether there is a route for marked requests as well. */
  readonly wholePolicy: boolean;
}

/** Throws with the first thing that is wrong. */
export async function verifyPolicy(probe: PolicyProbe): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const ask = (count: number, headers: Record<string, string>) =>
    Promise.all(
      Array.from({ length: count }, () =>
        answeredVersion(agent, probe.path, { host: probe.authority, ...headers }),
      ),
    );
  try {
    const versions = await ask(splitRequests, {});
    checkSplit(versions.filter((version) => version === 'v2').length);
    if (!probe.wholePolicy) return;
    const marked = await ask(markedRequests, { [canaryHeader]: 'true' });
    if (marked.some((version) => version !== 'v2')) throw new Error('the header route is ignored');
  } finally {
    agent.destroy();
  }
}

function checkSplit(canaries: number): void {
  const share = canaryWeight / 100;
  const expected = splitRequests * share;
  const deviation = Math.sqrt(splitRequests * share * (1 - share));
  if (Math.abs(canaries - expected) > tolerance * deviation) {
    throw new Error(`${canaries} of ${splitRequests} requests went to v2, expected ${expected}`);
  }
}

function answeredVersion(
  agent: Agent,
  path: string,
  headers: Record<string, string>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const onResponse = (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('latin1');
      response.on('data', (text: string) => {
        body += text;
      });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200 && body === responseBody) {
          resolve(String(response.headers[versionHeader]));
        } else {
          reject(new Error(`answered ${response.statusCode} with ${JSON.stringify(body)}`));
        }
      });
    };
    const options = { host: '127.0.0.1', port: proxyPort, path, headers, agent };
    request(options, onResponse).once('error', reject).end();
  });
}
