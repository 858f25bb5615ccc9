/** Load by wrk: keep-alive connections that send the next request when the response is there. */

import { join } from 'node:path';
import { runPinned } from './pinned-process.ts';

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** File with one `AUTHORITY PATH` in each line. */
  readonly requestsFile: string;
  readonly expectedBody: string;
  readonly core: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly durationUs: number;
  /** Responses with another status or body than expected. */
  readonly wrong: number;
  /** Failed connections, reads, writes, timeouts. */
  readonly errors: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

const script = join(import.meta.dirname, 'wrk.lua');

/** Fails when a single response was not as it must be. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const output = await runPinned(load.core, [
    'wrk',
    '-t1',
    `-c${load.connections}`,
    `-d${load.seconds}s`,
    '-s',
    script,
    `http://127.0.0.1:${load.port}`,
    '--',
    load.requestsFile,
    load.expectedBody,
  ]);
  const line = /^RESULT (.*)$/m.exec(output.stdout)?.[1];
  if (line === undefined) throw new Error(`wrk failed: ${output.stderr || output.stdout}`);
  const result = JSON.parse(line) as LoadResult;
  if (result.requests === 0 || result.wrong > 0 || result.errors > 0) {
    throw new Error(`responses that are not right: ${line}`);
  }
  return result;
}
