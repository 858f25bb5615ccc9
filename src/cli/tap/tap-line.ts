/** One exchange as a line of `sluice tap`, and the titles above these lines. */

import type { RequestRecord } from '../../telemetry/traffic/request-record.ts';
import { type Paint, statusStyle } from '../output/color.ts';
import { formatMs, timeOfDay } from '../output/figures.ts';
import { printableLine } from '../output/printable.ts';

/** What is longer than its column pushes the rest of the line to the right. */
const widths = { time: 12, status: 6, flags: 6, duration: 8, tries: 5, route: 16, endpoint: 16 };

export function tapHeader(): string {
  return [
    'TIME'.padEnd(widths.time),
    'STATUS'.padStart(widths.status),
    'FLAGS'.padEnd(widths.flags),
    'TOTAL'.padStart(widths.duration),
    'UPSTREAM'.padStart(widths.duration),
    'TRIES'.padStart(widths.tries),
    'ROUTE'.padEnd(widths.route),
    'ENDPOINT'.padEnd(widths.endpoint),
    'REQUEST',
  ].join('  ');
}

/** Cut off at `columns`, if there is such a limit; only colours do not count. */
export function tapLine(record: RequestRecord, paint: Paint, columns: number): string {
  const { durationMs, attempts, endpoint, timings } = record;
  const before = timeOfDay(record.startedAt).padEnd(widths.time);
  const status = statusText(record).padStart(widths.status);
  const after = [
    record.flags.join(',').padEnd(widths.flags),
    formatMs(durationMs).padStart(widths.duration),
    wholeMs(timings.upstreamMs).padStart(widths.duration),
    String(attempts).padStart(widths.tries),
    routeText(record).padEnd(widths.route),
    (endpoint ?? '-').padEnd(widths.endpoint),
    requestText(record),
  ].join('  ');
  const rest = printableLine(`  ${after}`);
  const room = columns - before.length - 2 - status.length;
  const style =
    record.protocol === 'TCP' && record.flags.length === 0 ? 'green' : statusStyle(record.status);
  return `${before}  ${paint(style, status)}${rest.slice(0, Math.max(room, 0))}`;
}

/** As x-envoy-upstream-service-time has it. */
function wholeMs(ms: number | null): string {
  return ms === null ? '-' : `${ms.toFixed(0)} ms`;
}

/** `200`, `200/14` with the status of gRPC, `-` without a response. */
function statusText({ status, grpcStatus }: RequestRecord): string {
  if (status === 0) return '-';
  return grpcStatus === null ? String(status) : `${status}/${grpcStatus}`;
}

/** A route without a name is told by its virtual host. */
function routeText({ route, virtualHost }: RequestRecord): string {
  return route || virtualHost || '-';
}

/** With the attempts that failed before the last one. */
function requestText(record: RequestRecord): string {
  const { method, authority, originalPath, path, protocol, failedAttempts } = record;
  const what =
    protocol === 'TCP' ? `TCP ${authority}` : `${method} ${authority}${originalPath ?? path}`;
  if (failedAttempts.length === 0) return what.trim();
  const tried = failedAttempts.map(({ endpoint, outcome }) => `${endpoint ?? 'none'} ${outcome}`);
  return `${what}  (before: ${tried.join(', ')})`;
}
