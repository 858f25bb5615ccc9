/** Results of a load test for people: tables of requests and endpoints, then the assertions. */

import type { AssertionResult } from '../../loadtest/assess/assess.ts';
import type { EndpointSummary, LoadtestSummary, RequestSummary } from '../../loadtest/summary.ts';
import type { Paint } from '../color.ts';
import { printableLine } from '../printable.ts';
import { type Column, tableLines } from '../table.ts';

export function reportText(summary: LoadtestSummary, paint: Paint): string {
  const { requests, endpoints, assertions, notes, seed } = summary;
  const passed = assertions.filter((assertion) => assertion.passed).length;
  const failed = assertions.length - passed;
  const counts = `${passed} passed, ${failed} failed`;
  return [
    ...tableLines(requestColumns, requests),
    '',
    ...(endpoints.length === 0 ? [] : [...tableLines(endpointColumns, endpoints), '']),
    ...assertions.flatMap((assertion) => assertionLines(assertion, paint)),
    ...(assertions.length === 0 ? [] : ['']),
    ...notes.map((note) => paint('yellow', `note: ${printableLine(note)}`)),
    `${paint(failed === 0 ? 'green' : 'red', counts)} (seed ${seed})`,
    '',
  ].join('\n');
}

const requestColumns: readonly Column<RequestSummary>[] = [
  { title: 'REQUESTS', cell: ({ name }) => name },
  { title: 'COUNT', align: 'right', cell: ({ requests }) => String(requests) },
  { title: 'P50', align: 'right', cell: ({ latency }) => milliseconds(latency?.p50) },
  { title: 'P90', align: 'right', cell: ({ latency }) => milliseconds(latency?.p90) },
  { title: 'P99', align: 'right', cell: ({ latency }) => milliseconds(latency?.p99) },
  { title: 'P99.9', align: 'right', cell: ({ latency }) => milliseconds(latency?.p999) },
  { title: 'MAX', align: 'right', cell: ({ latency }) => milliseconds(latency?.max) },
  { title: 'ANSWERS', cell: ({ statuses }) => pairs(statuses) },
  { title: 'FAILURES', cell: ({ failures }) => pairs(failures) },
];

const endpointColumns: readonly Column<EndpointSummary>[] = [
  { title: 'ENDPOINT', cell: ({ workload, endpoint }) => `${workload} ${endpoint}` },
  { title: 'ANSWERS', align: 'right', cell: ({ answers }) => String(answers) },
  { title: 'REQUESTS', align: 'right', cell: ({ requests }) => String(requests) },
  { title: 'RETRIES', align: 'right', cell: ({ retries }) => String(retries) },
  { title: 'MIRRORED', align: 'right', cell: ({ mirrored }) => String(mirrored) },
];

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(1)}ms`;
}

/** `200:980 503:20`. */
function pairs(counts: Readonly<Partial<Record<string, number>>>): string {
  const texts = Object.entries(counts).map(([name, count]) => `${name}:${count}`);
  return texts.length === 0 ? '-' : texts.join(' ');
}

function assertionLines(assertion: AssertionResult, paint: Paint): string[] {
  const { name, passed } = assertion;
  const mark = passed ? paint('green', 'pass') : paint('red', 'FAIL');
  const lines = [`${mark} ${printableLine(name)}: ${printableLine(assertion.expected)}`];
  return [...lines, `     found ${foundText(assertion)}`];
}

/** What was found, with the interval around it. */
export function foundText({ found, interval }: AssertionResult): string {
  if (interval === null) return found;
  const [low, high] = [interval.low, interval.high].map((share) => (100 * share).toFixed(2));
  return `${found}, interval ${low} % to ${high} %`;
}
