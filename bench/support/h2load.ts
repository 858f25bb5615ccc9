/** Load by h2load: as many requests as the proxy takes, each response checked for its status. */

import { runPinned } from './pinned-process.ts';

export interface H2Load {
  readonly url: string;
  readonly seconds: number;
  readonly core: number;
  /** Connections, streams, headers. */
  readonly args: readonly string[];
}

/** Requests answered in time; fails where a single one was not answered with 2xx. */
export async function runH2load({ url, seconds, core, args }: H2Load): Promise<number> {
  const command = ['h2load', '-t', '1', '-D', String(seconds), ...args, url];
  const output = await runPinned(core, command);
  const text = output.stdout + output.stderr;
  if (output.code !== 0) throw new Error(`h2load ended with ${output.code}: ${text.slice(-300)}`);
  return parseH2load(text);
}

/** Throws when a request was not answered, or with another status than 2xx. */
export function parseH2load(text: string): number {
  const counts = /requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded/.exec(text);
  const statuses = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(text);
  if (counts === null || statuses === null) throw new Error(`not of h2load: ${text.slice(-300)}`);
  const [, done = '0', succeeded = '0'] = counts;
  const [, good = '0'] = statuses;
  // What is under way when the time is up is counted as a status but not as done.
  if (done !== succeeded || Number(good) < Number(done)) {
    throw new Error(`${done} requests, of which ${succeeded} succeeded, ${good} with 2xx`);
  }
  if (Number(done) === 0) throw new Error('no request was answered');
  return Number(done);
}
