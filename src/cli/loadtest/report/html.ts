/**
 * Results of a load test as one HTML file that opens from disk: charts by uPlot, which is copied
 * into it, and the tables. Nothing is loaded from elsewhere.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AssertionResult } from '../../../loadtest/assess/assess.ts';
import type { FailureSummary, LoadtestSummary, RequestSummary } from '../../../loadtest/summary.ts';
import { escapeText } from '../../output/xml-text.ts';
import { script, style } from './html-assets.ts';
import { foundText } from './text.ts';

export function reportHtml(file: string, summary: LoadtestSummary): string {
  const { description, assertions, notes, passed, seed, durationMs } = summary;
  const title = escapeText(description === '' ? file : description);
  const counts = `${assertions.filter((one) => one.passed).length} of ${assertions.length} hold`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<link rel="icon" href="data:,">',
    `<title>${title}</title>`,
    `<style>${asset('uPlot.min.css')}${style}</style>`,
    '</head>',
    '<body>',
    `<h1>${title}</h1>`,
    `<p class="facts">${escapeText(file)}, ${durationMs / 1000} s, seed ${seed}</p>`,
    ...notes.map((note) => `<p class="note">${escapeText(note)}</p>`),
    `<h2>Assertions: <span class="${passed ? 'pass' : 'fail'}">${counts}</span></h2>`,
    ...table(['', 'name', 'expected', 'found'], assertions.map(assertionRow)),
    ...charts(summary),
    ...ejectionLines(summary),
    ...endpointLines(summary),
    ...counterLines(summary),
    ...precisionLines(summary),
    `<script type="application/json" id="data">${embeddedJson(summary)}</script>`,
    `<script>${asset('uPlot.iife.min.js')}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** Their elements are filled by the script. */
function charts(summary: LoadtestSummary): string[] {
  const { requests, routes, timeline, endpoints, failures, changes, expectedShares } = summary;
  const drawn = timeline.length > 0;
  const expected = expectedShares.length === 0 ? [] : ['<p class="facts">Dotted: as expected.</p>'];
  const workloads = new Set(endpoints.map(({ workload }) => workload));
  const told = failures.map(failureText);
  const marks = [
    ...(told.length === 0 ? [] : [`<p class="facts">Shaded: ${escapeText(told.join('; '))}.</p>`]),
    ...(changes.length === 0 ? [] : [`<p class="facts">${dashed}</p>`]),
  ];
  return [
    '<h2>Latency of answers, from when requests were due</h2>',
    ...(drawn ? [...marks, '<div id="latency"></div>'] : ['<p>No request was sent.</p>']),
    ...table(requestTitles('requests'), requests.map(requestRow)),
    ...table(requestTitles('route'), routes.map(requestRow)),
    // One workload has all of the answers.
    ...(drawn && workloads.size > 1
      ? ['<h2>Share of the answers</h2>', ...expected, '<div id="shares"></div>']
      : []),
    ...(drawn ? ['<h2>Requests by the second</h2>', '<div id="requests"></div>'] : []),
  ];
}

const dashed = 'Dashed: the configuration changed. What changes again and again is not marked.';

function failureText({ workload, endpoint, fromMs, untilMs, what }: FailureSummary): string {
  const place = endpoint === null ? workload : `${workload} ${endpoint}`;
  return `${place} from ${fromMs / 1000} s to ${untilMs / 1000} s: ${what}`;
}

const policy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";

function asset(name: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(`uplot/dist/${name}`), 'utf8');
}

/** `</script>` in a text must not end the element that holds it. */
function embeddedJson(summary: LoadtestSummary): string {
  return JSON.stringify(summary).replaceAll('<', '\\u003c');
}

interface Cell {
  readonly text: string;
  readonly name?: 'pass' | 'fail' | 'number';
}

function table(titles: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const head = titles.map((title, index) => {
    const isNumber = rows[0]?.[index]?.name === 'number';
    return `<th${isNumber ? ' class="number"' : ''}>${title}</th>`;
  });
  const lines = rows.map((cells) => `<tr>${cells.map(cellText).join('')}</tr>`);
  return rows.length === 0 ? [] : ['<table>', `<tr>${head.join('')}</tr>`, ...lines, '</table>'];
}

function cellText({ text, name }: Cell): string {
  return `<td${name === undefined ? '' : ` class="${name}"`}>${escapeText(text)}</td>`;
}

function assertionRow(assertion: AssertionResult): readonly Cell[] {
  const { passed, name, expected } = assertion;
  const mark: Cell = passed ? { text: 'pass', name: 'pass' } : { text: 'FAIL', name: 'fail' };
  return [mark, { text: name }, { text: expected }, { text: foundText(assertion) }];
}

function requestTitles(name: string): readonly string[] {
  const percentiles = ['p50', 'p90', 'p99', 'p99.9', 'max', 'added p50', 'added p99'];
  return [name, 'count', ...percentiles, 'answers'];
}

function requestRow({ name, requests, latency, added, statuses, failures }: RequestSummary) {
  const ended = Object.entries({ ...statuses, ...failures });
  const { p50, p90, p99, p999, max } = latency ?? {};
  return [
    { text: name },
    count(requests),
    ...[p50, p90, p99, p999, max, added?.p50, added?.p99].map(milliseconds),
    { text: ended.map(([kind, number]) => `${kind}: ${number}`).join(', ') },
  ];
}

function count(number: number): Cell {
  return { text: String(number), name: 'number' };
}

function milliseconds(ms: number | undefined): Cell {
  return { text: ms === undefined ? '-' : `${ms.toFixed(1)} ms`, name: 'number' };
}

function endpointLines({ endpoints }: LoadtestSummary): string[] {
  if (endpoints.length === 0) return [];
  const titles = ['endpoint', 'answers', 'requests', 'retries', 'mirrored', 'took p50', 'took p99'];
  const rows = endpoints.map(({ workload, endpoint, took, ...counts }) => [
    { text: `${workload} ${endpoint}` },
    ...[counts.answers, counts.requests, counts.retries, counts.mirrored].map(count),
    ...[took?.p50, took?.p99].map(milliseconds),
  ]);
  return ['<h2>Endpoints</h2>', ...table(titles, rows)];
}

function counterLines({ counters }: LoadtestSummary): string[] {
  const rows = Object.entries(counters).map(([name, growth]) => [{ text: name }, count(growth)]);
  if (rows.length === 0) return [];
  return ['<h2>Counters of the proxy</h2>', ...table(['counter', 'grew by'], rows)];
}

function precisionLines({ precision: { driver, endpoints } }: LoadtestSummary): string[] {
  const rows = [
    { name: 'requests left', late: driver },
    { name: 'endpoints answered', late: endpoints },
  ].filter(({ late }) => late !== null);
  if (rows.length === 0) return [];
  const cells = rows.map(({ name, late }) => [
    { text: name },
    ...[late?.p50, late?.p90, late?.p99, late?.max].map(milliseconds),
  ]);
  const title = '<h2>By how much this machine was late</h2>';
  return [title, ...table(['', 'p50', 'p90', 'p99', 'max'], cells)];
}

/** A bar for each endpoint that was ejected, red while it was. */
function ejectionLines({ ejections, endpoints, durationMs }: LoadtestSummary): string[] {
  const ports = [...new Set(ejections.map(({ port }) => port))];
  if (ports.length === 0) return [];
  const percent = (ms: number): string =>
    `${((100 * Math.min(Math.max(ms, 0), durationMs)) / durationMs).toFixed(2)}%`;
  const bars = ports.map((port) => {
    const events = ejections.filter((event) => event.port === port);
    const spans = events.flatMap(({ atMs, ejected }, index) => {
      if (!ejected) return [];
      const until = events[index + 1]?.atMs ?? durationMs;
      const place = `left:${percent(atMs)};width:${percent(until - atMs)}`;
      const times = `${(atMs / 1000).toFixed(2)} s to ${(until / 1000).toFixed(2)} s`;
      return [`<span style="${place}" title="${times}"></span>`];
    });
    const found = endpoints.find((endpoint) => endpoint.port === port);
    const name = found === undefined ? `port ${port}` : `${found.workload} ${found.endpoint}`;
    return `<div>${escapeText(name)}</div><div class="bar">${spans.join('')}</div>`;
  });
  const scale = `<div></div><div class="scale"><i>0 s</i><i>${durationMs / 1000} s</i></div>`;
  return ['<h2>Ejections</h2>', `<div class="ejections">${bars.join('')}${scale}</div>`];
}
