/**
 * Results of a load test as one HTML file that opens from disk: charts by uPlot, which is copied
 * into it, and the tables. Nothing is loaded from elsewhere.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AssertionResult } from '../../loadtest/assess/assess.ts';
import type { LoadtestSummary, RequestSummary } from '../../loadtest/summary.ts';
import { escapeText } from '../xml-text.ts';
import { script, style } from './html-assets.ts';
import { foundText } from './text.ts';

export function reportHtml(file: string, summary: LoadtestSummary): string {
  const { description, assertions, requests, notes, passed, seed, durationMs } = summary;
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
    '<h2>Latency of answers, from when requests were due</h2>',
    '<div id="latency"></div>',
    ...table(requestTitles, requests.map(requestRow)),
    '<h2>Share of the answers</h2>',
    '<div id="shares"></div>',
    '<h2>Requests by the second</h2>',
    '<div id="requests"></div>',
    ...ejectionLines(summary),
    `<script type="application/json" id="data">${embeddedJson(summary)}</script>`,
    `<script>${asset('uPlot.iife.min.js')}</script>`,
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
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
  const head = titles.map((title) => `<th>${title}</th>`).join('');
  const lines = rows.map((cells) => `<tr>${cells.map(cellText).join('')}</tr>`);
  return rows.length === 0 ? [] : ['<table>', `<tr>${head}</tr>`, ...lines, '</table>'];
}

function cellText({ text, name }: Cell): string {
  return `<td${name === undefined ? '' : ` class="${name}"`}>${escapeText(text)}</td>`;
}

function assertionRow(assertion: AssertionResult): readonly Cell[] {
  const { passed, name, expected } = assertion;
  const mark: Cell = passed ? { text: 'pass', name: 'pass' } : { text: 'FAIL', name: 'fail' };
  return [mark, { text: name }, { text: expected }, { text: foundText(assertion) }];
}

const requestTitles = ['requests', 'count', 'p50', 'p90', 'p99', 'p99.9', 'max', 'answers'];

function requestRow({ name, requests, latency, statuses, failures }: RequestSummary) {
  const ended = Object.entries({ ...statuses, ...failures });
  const number = (text: string): Cell => ({ text, name: 'number' });
  const { p50, p90, p99, p999, max } = latency ?? {};
  return [
    { text: name },
    number(String(requests)),
    ...[p50, p90, p99, p999, max].map((ms) =>
      number(ms === undefined ? '-' : `${ms.toFixed(1)} ms`),
    ),
    { text: ended.map(([kind, count]) => `${kind}: ${count}`).join(', ') },
  ];
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
  return ['<h2>Ejections</h2>', `<div class="ejections">${bars.join('')}</div>`];
}
