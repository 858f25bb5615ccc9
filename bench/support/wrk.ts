/** Load by wrk: connections that send the next request when the response is there, or at a rate. */

import { join } from 'node:path';
import { runPinned } from './pinned-process.ts';

export interface Load {
  readonly scheme?: 'http' | 'https';
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** File with one `AUTHORITY PATH` in each line. */
  readonly requestsFile: string;
  /** Null: too long to be looked at in every response. */
  readonly expectedBody: string | null;
  /** False: a connection for each request. Default true. */
  readonly isKeptAlive?: boolean;
  /** Requests a second, sent when they are due; default as many as get answers. */
  readonly rate?: number;
  readonly core: number;
  /** Told the pid of wrk, which may be stopped and go on. */
  readonly onStart?: (pid: number) => void;
}

export interface LoadResult {
  readonly requests: number;
  readonly durationUs: number;
  /** Received, with headers. */
  readonly bytes: number;
  /** Responses with another status or body than expected. */
  readonly wrong: number;
  /** Failed connections, reads, writes, timeouts, statuses from 400 on. */
  readonly errors: number;
  /** Since the request was sent; of load at a rate, since it was due. */
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
}

const script = join(import.meta.dirname, 'wrk.lua');

/** Fails when a single response was not as it must be. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const output = await runPinned(load.core, wrkCommand(load), load.onStart);
  if (!/^RESULT /m.test(output.stdout)) {
    throw new Error(`wrk failed: ${output.stderr || output.stdout}`);
  }
  return parseWrk(output.stdout);
}

function wrkCommand(load: Load): readonly string[] {
  const { scheme = 'http', isKeptAlive = true, rate = 0, expectedBody } = load;
  return [
    'wrk',
    '-t1',
    `-c${load.connections}`,
    `-d${load.seconds}s`,
    '-s',
    script,
    `${scheme}://127.0.0.1:${load.port}`,
    '--',
    load.requestsFile,
    expectedBody === null ? 'status' : `body:${expectedBody}`,
    isKeptAlive ? 'keep-alive' : 'close',
    String(rate),
  ];
}

/** Throws when a response was not as it must be, or when there was none. */
export function parseWrk(stdout: string): LoadResult {
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1] ?? '';
  const result = JSON.parse(line) as LoadResult;
  if (result.requests === 0 || result.wrong > 0 || result.errors > 0) {
    throw new Error(`responses that are not right: ${line}`);
  }
  return result;
}
