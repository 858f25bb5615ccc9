/** The access log of a finished run, by case id. */

import { existsSync, readFileSync } from 'node:fs';
import type { RecordedLog } from './scenario.ts';

/**
 * The first line of each of `caseIds`. A request that is refused before its headers are read is
 * logged without case id: such lines belong, in order, to the cases that have no other line.
 */
export function readAccessLog(
  path: string,
  caseIds: readonly string[],
): ReadonlyMap<string, RecordedLog> {
  const lines = existsSync(path) ? readFileSync(path, 'latin1').split('\n') : [];
  const logs = new Map<string, RecordedLog>();
  const anonymous: RecordedLog[] = [];
  for (const line of lines) {
    const [caseId = '', flags = '', details = '', route = '', cluster = '', attempts = ''] =
      line.split('\t');
    if (caseId === '' || logs.has(caseId)) continue;
    const log = { flags, details, route, cluster, attempts: Number(attempts) };
    if (caseId === '-') anonymous.push(log);
    else logs.set(caseId, log);
  }
  const silent = caseIds.filter((caseId) => !logs.has(caseId));
  if (silent.length !== anonymous.length) return logs;
  silent.forEach((caseId, index) => {
    const log = anonymous[index];
    if (log !== undefined) logs.set(caseId, log);
  });
  return logs;
}
