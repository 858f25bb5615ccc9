/** Load by h2load: as many requests as the proxy takes, each response checked for its status. */

import { runPinned } from '../support/pinned-process.ts';
import { type ProtocolRow, path, proxyPort } from './protocol.ts';

/** Requests answered within `seconds`; fails where a single one was not answered with 2xx. */
export async function runH2load(
  row: ProtocolRow,
  { core, seconds }: { readonly core: number; readonly seconds: number },
): Promise<number> {
  const url = `${row.isTls ? 'https' : 'http'}://127.0.0.1:${proxyPort}${path}`;
  const time = ['-D', String(seconds)];
  const output = await runPinned(core, ['h2load', '-t', '1', ...time, ...row.load, url]);
  const text = output.stdout + output.stderr;
  const counts = /requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded/.exec(text);
  const statuses = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(text);
  if (output.code !== 0 || counts === null || statuses === null) {
    throw new Error(`h2load ended with ${output.code}: ${text.slice(-300)}`);
  }
  const [, done = '0', succeeded = '0'] = counts;
  const [, good = '0'] = statuses;
  // What is under way when the time is up is counted as a status but not as done.
  if (done !== succeeded || Number(good) < Number(done)) {
    throw new Error(`${done} requests, of which ${succeeded} succeeded, ${good} with 2xx`);
  }
  if (Number(done) === 0) throw new Error('no request was answered');
  return Number(done);
}
