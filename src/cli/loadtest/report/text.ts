/**
 * Results of a load test for people: tables of requests, routes, endpoints and counters, then the
 * assertions, and how exact all of that is.
 */

import type { AssertionResult } from '../../../loadtest/assess/assess.ts';
import type { LatencySummary } from '../../../loadtest/latency-histogram.ts';
import type {
  EndpointSummary,
  LoadtestSummary,
  RequestSummary,
} from '../../../loadtest/summary.ts';
import type { Paint } from '../../output/color.ts';
import { printableLine } from '../../output/printable.ts';
import { type Column, tableLines } from '../../output/table.ts';

export function reportText(summary: LoadtestSummary, paint: Paint): string {
  const { requests, routes, endpoints, counters, assertions, notes, seed } = summary;
  const passed = assertions.filter((assertion) => assertion.passed).length;
  const failed = assertions.length - passed;
  const counts = `${passed} passed, ${failed} failed`;
  return [
    ...table(requestColumns('REQUESTS'), requests),
    ...table(requestColumns('ROUTE'), routes),
    ...table(endpointColumns, endpoints),
    ...table(counterColumns, Object.entries(counters)),
    ...assertions.flatMap((assertion) => assertionLines(assertion, paint)),
    ...(assertions.length === 0 ? [] : ['']),
    ...precisionLines(summary.precision),
    ...notes.map((note) => paint('yellow', `note: ${printableLine(note)}`)),
    `${paint(failed === 0 ? 'green' : 'red', counts)} (seed ${seed})`,
    '',
  ].join('\n');
}

/** With a line behind it; nothing without rows. */
function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  return rows.length === 0 ? [] : [...tableLines(columns, rows), ''];
}

function requestColumns(title: string): readonly Column<RequestSummary>[] {
  return [
    { title, cell: ({ name }) => name },
    { title: 'COUNT', align: 'right', cell: ({ requests }) => String(requests) },
    { title: 'P50', align: 'right', cell: ({ latency }) => milliseconds(latency?.p50) },
    { title: 'P90', align: 'right', cell: ({ latency }) => milliseconds(latency?.p90) },
    { title: 'P99', align: 'right', cell: ({ latency }) => milliseconds(latency?.p99) },
    { title: 'P99.9', align: 'right', cell: ({ latency }) => milliseconds(latency?.p999) },
    { title: 'MAX', align: 'right', cell: ({ latency }) => milliseconds(latency?.max) },
    { title: 'ADDED P50', align: 'right', cell: ({ added }) => milliseconds(added?.p50) },
    { title: 'P99', align: 'right', cell: ({ added }) => milliseconds(added?.p99) },
    { title: 'RESULTS', cell: ({ statuses, failures }) => pairs({ ...statuses, ...failures }) },
  ];
}

const endpointColumns: readonly Column<EndpointSummary>[] = [
  { title: 'ENDPOINT', cell: ({ workload, endpoint }) => `${workload} ${endpoint}` },
  { title: 'ANSWERS', align: 'right', cell: ({ answers }) => String(answers) },
  { title: 'REQUESTS', align: 'right', cell: ({ requests }) => String(requests) },
  { title: 'RETRIES', align: 'right', cell: ({ retries }) => String(retries) },
  { title: 'MIRRORED', align: 'right', cell: ({ mirrored }) => String(mirrored) },
  { title: 'TOOK P50', align: 'right', cell: ({ took }) => milliseconds(took?.p50) },
  { title: 'P99', align: 'right', cell: ({ took }) => milliseconds(took?.p99) },
];

const counterColumns: readonly Column<readonly [name: string, growth: number]>[] = [
  { title: 'COUNTER OF THE PROXY', cell: ([name]) => name },
  { title: 'GREW BY', align: 'right', cell: ([, growth]) => String(growth) },
];

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(1)}ms`;
}

/** By how much this machine was late. */
function precisionLines({ driver, endpoints }: LoadtestSummary['precision']): string[] {
  const late = (name: string, { p50, p99, max }: LatencySummary): string => {
    const times = `${p50.toFixed(1)} ms (p50), ${p99.toFixed(1)} ms (p99)`;
    return `${name} late by ${times}, at most ${max.toFixed(1)} ms`;
  };
  return [
    ...(driver === null ? [] : [late('requests left', driver)]),
    ...(endpoints === null ? [] : [late('endpoints answered', endpoints)]),
  ];
}

/** `200:980 503:20 timeout:1`. */
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
