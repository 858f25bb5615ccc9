/** The access log of a finished run, by case id. */

import { existsSync, readFileSync } from 'node:fs';
import type { RecordedLog } from './scenario.ts';

export interface LoggedCase {
  readonly caseId: string;
  /** `address:port` of its client. */
  readonly localEndpoint: string;
}

/**
 * The first line of each of `cases`. A connection without HTTP, or of a request that is refused
 * before its headers are read, is logged without case id: its client's address tells it.
 */
export function readAccessLog(
  path: string,
  cases: readonly LoggedCase[],
): ReadonlyMap<string, RecordedLog> {
  const lines = existsSync(path) ? readFileSync(path, 'latin1').split('\n') : [];
  const logs = new Map<string, RecordedLog>();
  const byEndpoint = new Map<string, RecordedLog[]>();
  for (const line of lines) {
    const [caseId = '', flags = '', details = '', route = '', cluster = '', ...rest] =
      line.split('\t');
    const [attempts = '', endpoint = ''] = rest;
    if (caseId === '' || logs.has(caseId)) continue;
    const log = { flags, details, route, cluster, attempts: Number(attempts) };
    if (caseId !== '-') logs.set(caseId, log);
    else byEndpoint.set(endpoint, [...(byEndpoint.get(endpoint) ?? []), log]);
  }
  for (const { caseId, localEndpoint } of cases) {
    if (logs.has(caseId)) continue;
    const log = byEndpoint.get(localEndpoint)?.shift();
    if (log !== undefined) logs.set(caseId, log);
  }
  return logs;
}
