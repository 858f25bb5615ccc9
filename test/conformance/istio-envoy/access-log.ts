/** The access log of a finished run, by case id. */

import { existsSync, readFileSync } from 'node:fs';
import type { RecordedLog } from './scenario.ts';

/** The first line of each case; a line without a case id is left out. */
export function readAccessLog(path: string): ReadonlyMap<string, RecordedLog> {
  const lines = existsSync(path) ? readFileSync(path, 'latin1').split('\n') : [];
  const logs = new Map<string, RecordedLog>();
  for (const line of lines) {
    const [caseId = '', flags = '', details = '', route = '', cluster = '', attempts = ''] =
      line.split('\t');
    if (caseId === '' || caseId === '-' || logs.has(caseId)) continue;
    logs.set(caseId, { flags, details, route, cluster, attempts: Number(attempts) });
  }
  return logs;
}
