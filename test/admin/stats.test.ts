/** /stats with histograms, as Envoy prints the same values, and what /stats/prometheus chooses. */

import { gunzipSync } from 'node:zlib';
import t from 'tap';
import type { AdminResponse } from '../../src/admin/admin-endpoint.ts';
import { stats, statsPrometheus } from '../../src/admin/endpoints/stats.ts';
import { LogLinearHistogram } from '../../src/base/log-linear-histogram.ts';
import { testState } from './running-state-fixture.ts';

/** The whole of a body, streamed or not. */
async function bytesOf(body: AdminResponse['body']): Promise<Buffer> {
  if (typeof body === 'function') throw new Error('a body without an end');
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.concat((await body.open().toArray()).map((piece) => Buffer.from(piece)));
}

function setUp() {
  const state = testState();
  const time = new LogLinearHistogram();
  const idle = new LogLinearHistogram();
  state.metrics.addHistograms({
    collect: () =>
      [time, idle].map((histogram, index) => ({
        name: `cluster.a;.${index === 0 ? 'upstream_rq_time' : 'upstream_cx_length_ms'}`,
        cumulative: histogram.cumulative(),
        interval: histogram.interval(),
      })),
    endInterval: () => time.endInterval(),
    reset: () => time.reset(),
  });
  state.metrics.addCollector(() => [
    { kind: 'counter', name: 'a.total', value: 5 },
    { kind: 'gauge', name: 'a.active', value: 2 },
  ]);
  for (const value of [11, 13, 21, 22, 100, 150]) time.record(value);
  const get = async (query: string, headers: Record<string, string> = {}, endpoint = stats) => {
    const request = { query: new URLSearchParams(query), headers, variables: {} };
    const answer = await endpoint.handle({ ...request, isLocal: true, body: '' }, state);
    return { ...answer, body: (await bytesOf(answer.body)).toString('latin1') };
  };
  const scrape = (query: string, headers: Record<string, string> = {}) =>
    get(query, headers, statsPrometheus);
  return { state, get, scrape };
}

const quantiles =
  'P0(11.5,11.5) P25(13.5,13.5) P50(21.5,21.5) P75(105,105) P90(155,155) P95(155,155) ' +
  'P99(155,155) P99.5(155,155) P99.9(155,155) P100(155,155)';

t.test('quantiles of the last interval and of everything', async (t) => {
  const { state, get } = setUp();
  const before = (await get('filter=rq_time')).body;
  t.match(before, /^cluster\.a;\.upstream_rq_time: P0\(nan,11\.5\) P25\(nan,13\.5\)/);
  state.metrics.endInterval();
  t.equal((await get('filter=rq_time')).body, `cluster.a;.upstream_rq_time: ${quantiles}\n`);
  t.equal(
    (await get('filter=length')).body,
    'cluster.a;.upstream_cx_length_ms: No recorded values\n',
  );
  t.equal((await get('usedonly&filter=length')).body, '');
});

t.test('buckets and bins', async (t) => {
  const { state, get } = setUp();
  state.metrics.endInterval();
  const view = async (name: string) => (await get(`filter=rq_time&histogram_buckets=${name}`)).body;
  t.match(
    await view('cumulative'),
    /: B0\.5\(0,0\) .* B25\(4,4\) B50\(4,4\) B100\(5,5\) B250\(6,6\) .* B1\.8e\+06\(6,6\) B3\.6e\+06\(6,6\)\n$/,
  );
  t.match(await view('disjoint'), / B25\(4,4\) B50\(0,0\) B100\(1,1\) B250\(1,1\) B500\(0,0\) /);
  t.equal(
    await view('detailed'),
    `cluster.a;.upstream_rq_time:
  totals=11,1:1, 13,1:1, 21,1:1, 22,1:1, 100,10:1, 150,10:1
  intervals=11,1:1, 13,1:1, 21,1:1, 22,1:1, 100,10:1, 150,10:1
  summary=${quantiles}
`,
  );
  t.equal(await view('none'), await view('summary'));
});

t.test('the same in JSON', async (t) => {
  const { get } = setUp();
  const view = async (query: string) =>
    (JSON.parse((await get(`format=json&${query}`)).body) as { stats: unknown[] }).stats;
  t.match(await view(''), [
    { name: 'a.active', value: 2 },
    { name: 'a.total', value: 5 },
    {
      histograms: {
        supported_quantiles: [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100],
        computed_quantiles: [
          {
            name: 'cluster.a;.upstream_rq_time',
            values: [
              { cumulative: 11.5, interval: null },
              { cumulative: 13.5, interval: null },
            ],
          },
        ],
      },
    },
  ]);
  t.same(await view('filter=length'), []);
  t.match(await view('filter=rq_time&histogram_buckets=disjoint'), [
    { histograms: [{ buckets: { 4: { upper_bound: 25, interval: 0, cumulative: 4 } } }] },
  ]);
  t.match(await view('filter=rq_time&histogram_buckets=detailed'), [
    { histograms: { details: [{ totals: [{ lower_bound: 11, width: 1, count: 1 }] }] } },
  ]);
});

t.test('one type alone', async (t) => {
  const { get } = setUp();
  t.equal((await get('type=Counters')).body, 'a.total: 5\n');
  t.equal((await get('type=Gauges')).body, 'a.active: 2\n');
  t.match((await get('type=Histograms&usedonly')).body, /^cluster\.a;\.upstream_rq_time: .*\n$/);
});

t.test('what is no choice is refused with the choices', async (t) => {
  const { get } = setUp();
  const rows = [
    ['format=xml', /^usage: \/stats\?format=/],
    ['type=counters', /^invalid &type= param$/],
    ['histogram_buckets=some', /^usage: \/stats\?histogram_buckets=/],
    ['filter=[', /regex/],
  ] as const;
  for (const [query, body] of rows) t.match(await get(query), { status: 400, body }, query);
});

t.test('OpenMetrics where it is preferred', async (t) => {
  const { scrape } = setUp();
  const rows: readonly (readonly [accept: string, type: RegExp])[] = [
    ['', /^text\/plain; version=0\.0\.4/],
    ['*/*', /^text\/plain/],
    ['text/plain', /^text\/plain/],
    ['application/openmetrics-text', /^application\/openmetrics-text; version=1\.0\.0/],
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      /^application\/openmetrics-text/,
    ],
    ['text/plain;version=0.0.4, application/openmetrics-text;q=0.1', /^text\/plain/],
    ['application/openmetrics-text;q=0', /^text\/plain/],
  ];
  for (const [accept, type] of rows) {
    t.match((await scrape('', { accept })).contentType, type, accept);
  }
});

t.test('a scrape is compressed where that is asked for', async (t) => {
  const { scrape } = setUp();
  const plain = await scrape('filter=total&usedonly');
  t.match(plain.body, /^# HELP envoy_a_total .*\n# TYPE envoy_a_total counter\nenvoy_a_total 5\n$/);
  t.equal(plain.headers?.['content-encoding'], undefined);
  const packed = await scrape('filter=total&usedonly', { 'accept-encoding': 'br, gzip' });
  t.equal(packed.headers?.['content-encoding'], 'gzip');
  t.equal(gunzipSync(Buffer.from(packed.body, 'latin1')).toString(), plain.body);
  const refused = await scrape('', { 'accept-encoding': 'gzip;q=0' });
  t.equal(refused.headers?.['content-encoding'], undefined);
  t.match(await scrape('filter=['), { status: 400 });
});
