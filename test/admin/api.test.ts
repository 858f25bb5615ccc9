/** The answers of /api/v1 on a state made by hand, each against its schema. */

import fc from 'fast-check';
import t from 'tap';
import { Value } from 'typebox/value';
import type { AdminEndpoint, AdminResponse } from '../../src/admin/admin-endpoint.ts';
import { createAdminEndpoints } from '../../src/admin/admin-endpoints.ts';
import { answerSchemas, apiPrefix } from '../../src/admin/api/openapi-document.ts';
import { testStreamInfo } from '../telemetry/stream-info-fixture.ts';
import { testState } from './running-state-fixture.ts';

function endpointOf(path: string): AdminEndpoint {
  const endpoint = createAdminEndpoints().find((one) => one.path === path);
  if (endpoint === undefined) throw new Error(`no path ${path}`);
  return endpoint;
}

interface Asked {
  readonly query?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly state?: ReturnType<typeof testState>;
}

async function ask(path: string, asked: Asked = {}): Promise<AdminResponse> {
  const { query = '', variables = {}, state = testState() } = asked;
  const request = { query: new URLSearchParams(query), variables, headers: {}, body: '' };
  return endpointOf(apiPrefix + path).handle({ ...request, isLocal: true }, state);
}

async function body(path: string, asked: Asked = {}): Promise<Record<string, never>> {
  const response = await ask(path, asked);
  if (typeof response.body !== 'string') throw new Error('a stream');
  return JSON.parse(response.body);
}

const variables = { kind: 'VirtualService', namespace: 'default', name: 'reviews' };

t.test('every path answers as its schema says', async (t) => {
  const queries: Readonly<Record<string, string>> = {
    explain: 'url=http://reviews/',
    'explain/connection': 'to=reviews:1&listener=outbound_127.0.0.1_15001',
  };
  const paths = createAdminEndpoints().map(({ path }) => path);
  const own = paths.filter((path) => path.startsWith(apiPrefix));
  t.same(own.toSorted(), Object.keys(answerSchemas).sort(), 'each has a schema');
  for (const path of own.filter((one) => !one.endsWith('/stream'))) {
    const name = path.slice(apiPrefix.length);
    const state = testState();
    state.traffic.onEnd(testStreamInfo());
    const response = await ask(name, { variables, state, query: queries[name] ?? '' });
    t.equal(response.status, 200, path);
    const value: unknown = JSON.parse(String(response.body));
    const schema = answerSchemas[path] ?? {};
    t.same(Value.Errors(schema, value), [], `${path} fits its schema`);
  }
});

t.test('a resource is told with its findings and with what was made from it', async (t) => {
  const state = testState();
  const detail = await body('resources/{kind}/{namespace}/{name}', { state, variables });
  t.match(detail, { status: 'kept', file: 'reviews.yaml', findings: [{ code: 'SLC0001' }] });
  const missing = await ask('resources/{kind}/{namespace}/{name}', {
    variables: { ...variables, name: 'nobody' },
  });
  t.equal(missing.status, 404);
  t.match(missing.body, /no resource VirtualService default\/nobody was loaded/);
});

t.test('what is asked for wrongly is refused with what to change', async (t) => {
  const rows: readonly (readonly [path: string, query: string, error: RegExp])[] = [
    ['requests', 'filter=status>', /^filter: a value is expected here \(at 7\)$/],
    ['requests', 'limit=0', /^limit is a whole number, 1 to 100000, not "0"$/],
    ['requests', 'limit=many', /^limit is a whole number, 1 to 100000, not "many"$/],
    ['requests/stream', 'filter=nothing=1', /^filter: there is no field "nothing"/],
    ['requests/stream', 'limit=-1', /^limit is a whole number/],
    ['graph', 'window=1day', /^window is a duration up to 10m, such as 60s, not "1day"$/],
    ['graph', 'window=1h', /^window is a duration up to 10m/],
    ['graph', 'groupBy=color', /^groupBy is one of workload, version, service, not "color"$/],
    ['explain', '', /^url is one of http or https/],
    ['explain', 'url=ftp://a/', /^url is one of http or https/],
    ['explain', 'url=http://a/&method=GE T', /^"GE T" is no method of HTTP$/],
    ['explain', 'url=http://a/&header=x', /^header is name:value, not "x"$/],
    ['explain', 'url=http://a/&client=x', /^"x" is no address of a client$/],
    ['explain', 'url=http://a/&side=x', /^side is mesh or gateway, not "x"$/],
    ['explain', 'url=http://a/&certificate=x', /^the certificate of the client is not PEM/],
    ['explain/connection', '', /^a connection goes to HOST:PORT, such as db/],
    ['explain', 'url=http://a/&listener=x', /^there is no listener "x"; there are: outbound_/],
  ];
  for (const [path, query, error] of rows) {
    const response = await ask(path, { query });
    t.equal(response.status, 400, `${path}?${query}`);
    t.match((JSON.parse(String(response.body)) as { error: string }).error, error);
  }
  t.match(await body('requests', { query: 'filter=status>' }), { position: 7 });
});

t.test('lists can be narrowed by name', async (t) => {
  const state = testState();
  t.match(await body('clusters', { state, query: 'cluster=other' }), { clusters: [] });
  t.match(await body('endpoints', { state, query: 'cluster=other' }), { endpoints: [] });
  t.match(await body('routes', { state, query: 'table=other' }), { routeTables: [] });
  t.match(await body('routes', { state, query: 'table=80' }), { routeTables: [{ name: '80' }] });
});

t.test('a cluster tells its subset, and endpoints their health', async (t) => {
  const state = testState();
  const [first] = state.cluster.endpoints;
  if (first !== undefined) first.ejected = true;
  t.match(await body('clusters', { state }), {
    clusters: [{ subset: 'v1', service: { name: 'reviews' }, endpoints: 2 }],
  });
  t.match(await body('endpoints', { state }), {
    endpoints: [
      { health: 'unhealthy', ejected: true, workload: { name: 'reviews-v1' } },
      { health: 'healthy', ejected: false },
    ],
  });
});

t.test('no query makes a path throw', async (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      'http://reviews/a//b/%2e%2e',
      'https://[::1]:9080',
      'http://:0/',
      '60s',
      'GET',
      'mesh',
    ),
    fc.constantFrom(
      'reviews:9080',
      'http://reviews:9080/\u{1f600}%',
      'status>1',
      'x:y',
      '9007199254740993',
      '-',
    ),
  );
  const names = [
    ...['filter', 'limit', 'url', 'method', 'header', 'listener', 'window', 'groupBy'],
    ...['side', 'gateway', 'sni', 'client', 'certificate', 'to'],
  ];
  const query = fc.array(fc.tuple(fc.constantFrom(...names), text), { maxLength: 5 });
  const state = testState();
  state.traffic.onEnd(testStreamInfo());
  const paths = ['explain', 'explain/connection', 'graph', 'requests', 'requests/stream'];
  const asked = fc.tuple(fc.constantFrom(...paths), query);
  await fc.assert(
    fc.asyncProperty(asked, async ([path, pairs]) => {
      const response = await ask(path, { state, query: new URLSearchParams(pairs).toString() });
      if (typeof response.body === 'function') return;
      const value: unknown = JSON.parse(String(response.body));
      t.ok(response.status === 200 || response.status === 400);
      if (response.status === 200) t.ok(Value.Check(answerSchemas[apiPrefix + path] ?? {}, value));
    }),
    {
      numRuns: 200,
      examples: [
        [
          [
            'explain',
            [
              ['url', 'http://a/'],
              ['header', 'a\0:b'],
            ],
          ],
        ],
      ],
    },
  );
});
