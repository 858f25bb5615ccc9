/** /stats and /stats/prometheus. */

import { pipeline, Readable } from 'node:stream';
import type { Gzip } from 'node:zlib';
import { nextTurn } from '../../base/event-loop.ts';
import {
  type PrometheusFormat,
  prometheusContentTypes,
  renderPrometheus,
} from '../../telemetry/metrics/prometheus.ts';
import {
  type AdminEndpoint,
  type AdminRequest,
  type AdminResponse,
  type DescribedParameter,
  json,
  text,
} from '../admin-endpoint.ts';
import { histogramJson, histogramText, histogramViews } from '../histogram-views.ts';
import { compileNameFilter } from '../name-filter.ts';
import type { RunningState } from '../running-state.ts';
import { type StatType, selectStats } from '../stat-selection.ts';

const formats = ['text', 'json', 'prometheus'] as const;
const types: readonly StatType[] = ['All', 'Counters', 'Gauges', 'Histograms'];

const usedOnlyParameter: DescribedParameter = {
  name: 'usedonly',
  help: 'only what is not zero',
  takes: 'flag',
};
const filterParameter: DescribedParameter = {
  name: 'filter',
  help: 'expression (RE2) that names must match',
  takes: 'text',
};

export const stats: AdminEndpoint = {
  path: '/stats',
  mutation: false,
  tellsCounts: true,
  help: 'print counters, gauges and histograms',
  parameters: [
    usedOnlyParameter,
    filterParameter,
    { name: 'format', help: 'form of the answer', takes: formats },
    { name: 'type', help: 'only these', takes: types },
    { name: 'histogram_buckets', help: 'how histograms are shown', takes: histogramViews },
  ],
  handle: (request, state) => {
    const { query } = request;
    const format = oneOf(query.get('format') ?? 'text', formats);
    if (format === null) return text('usage: /stats?format=(json|prometheus|text)\n\n', 400);
    if (format === 'prometheus') return prometheus(request, state);
    const view = oneOf(query.get('histogram_buckets') ?? 'summary', histogramViews);
    if (view === null) {
      return text('usage: /stats?histogram_buckets=(cumulative|disjoint|detailed|summary)\n', 400);
    }
    const type = oneOf(query.get('type') ?? 'All', types);
    if (type === null) return text('invalid &type= param', 400);
    const filter = compileNameFilter(query.get('filter'));
    if (!filter.ok) return text(`${filter.error}\n`, 400);
    const usedOnly = query.has('usedonly');
    const selection = selectStats(state.metrics, { type, filter: filter.value, usedOnly });
    const { entries, histograms } = selection;
    if (format === 'json') {
      const shown = histogramJson(histograms, view);
      return json({ stats: shown === null ? entries : [...entries, { histograms: shown }] });
    }
    const lines = entries.map(({ name, value }) => `${name}: ${value}\n`);
    return text(lines.join('') + histograms.map((each) => histogramText(each, view)).join(''));
  },
};

export const statsPrometheus: AdminEndpoint = {
  path: '/stats/prometheus',
  mutation: false,
  tellsCounts: true,
  help: 'print counters, gauges and histograms in the text format of Prometheus, or as OpenMetrics',
  parameters: [usedOnlyParameter, filterParameter],
  handle: prometheus,
};

function prometheus({ query, headers }: AdminRequest, state: RunningState): AdminResponse {
  const filter = compileNameFilter(query.get('filter'));
  if (!filter.ok) return text(`${filter.error}\n`, 400);
  const format = preferredFormat(headers.accept);
  const options = { format, usedOnly: query.has('usedonly'), matches: filter.value };
  const pieces = (): Readable => Readable.from(paced(renderPrometheus(state.metrics, options)));
  const response = { status: 200, contentType: prometheusContentTypes[format] };
  const vary = 'accept, accept-encoding';
  if (!takesGzip(headers['accept-encoding'])) {
    return { ...response, headers: { vary }, body: { open: pieces } };
  }
  return {
    ...response,
    headers: { vary, 'content-encoding': 'gzip' },
    body: { open: () => pipeline(pieces(), createGzip(), () => undefined) },
  };
}

/** Requests have their turn between two pieces. */
async function* paced(pieces: Iterable<string>): AsyncGenerator<string> {
  for (const piece of pieces) {
    yield piece;
    await nextTurn();
  }
}

/** Prometheus names OpenMetrics first where it takes that, with a weight that is the largest. */
function preferredFormat(accept = ''): PrometheusFormat {
  const weights = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const isKnown = !parameters.some((part) =>
      /^version=(?!1\.0\.0$|0\.0\.1$|0\.0\.4$)/.test(part),
    );
    return { type, weight: isKnown ? weightOf(parameters) : 0 };
  });
  const weightFor = (wanted: string): number =>
    Math.max(0, ...weights.filter(({ type }) => type === wanted).map(({ weight }) => weight));
  const openMetrics = weightFor('application/openmetrics-text');
  return openMetrics > 0 && openMetrics >= weightFor('text/plain') ? 'openmetrics' : 'text';
}

function takesGzip(encodings: string | readonly string[] = ''): boolean {
  return String(encodings)
    .split(',')
    .some((encoding) => {
      const [name = '', ...parameters] = encoding.split(';').map((part) => part.trim());
      return name.toLowerCase() === 'gzip' && weightOf(parameters) > 0;
    });
}

/** RFC 9110, 12.4.2: 1 where nothing is said. */
function weightOf(parameters: readonly string[]): number {
  const given = parameters.find((part) => part.startsWith('q='));
  return given === undefined ? 1 : Number(given.slice(2));
}

function oneOf<Word extends string>(value: string, words: readonly Word[]): Word | null {
  return words.find((word) => word === value) ?? null;
}

/** The module is loaded here: whoever asks for no compression does not pay for it. */
function createGzip(): Gzip {
  return process.getBuiltinModule('node:zlib').createGzip();
}
