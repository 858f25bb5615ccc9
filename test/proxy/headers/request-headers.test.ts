import t from 'tap';
import { AddressSet } from '../../../src/base/address-set.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { HeaderList } from '../../../src/http1/header-list.ts';
import { noBody, type RequestHead } from '../../../src/http1/message-head.ts';
import type { HttpSettings } from '../../../src/model/http-settings.ts';
import {
  type ForwardedFacts,
  prepareRequestHeaders,
} from '../../../src/proxy/headers/request-headers.ts';
import { traceFieldNames } from '../../../src/telemetry/tracing/trace-fields.ts';
import { httpSettings, sidecarSettings } from '../../support/mesh-models.ts';

type Line = readonly [name: string, value: string];

interface Prepared extends ForwardedFacts {
  readonly headers: HeaderList;
}

function prepare(
  settings: HttpSettings,
  lines: readonly Line[],
  changes: Partial<RequestHead> & { readonly upgrading?: boolean } = {},
): Prepared {
  const headers = new HeaderList();
  for (const [name, value] of lines) headers.append(name, value);
  const { upgrading = false, ...head } = changes;
  const facts: ForwardedFacts = {
    requestId: null,
    forwardedProto: null,
    clientAddress: null,
    isInternal: false,
    bearsOnTracing: false,
  };
  prepareRequestHeaders(
    {
      method: 'GET',
      target: '/',
      scheme: null,
      minorVersion: 1,
      headers,
      host: 'a.example',
      framing: noBody,
      keepAlive: true,
      upgrade: null,
      connectionNames: null,
      ...head,
    },
    {
      settings,
      authority: 'a.example',
      peerAddress: '10.0.0.9',
      internalAddresses:
        settings.internalAddresses === null ? null : new AddressSet(settings.internalAddresses),
      scheme: 'http',
      tls: null,
      random: new SeededRandom(1),
      upgrading,
    },
    facts,
  );
  return { headers, ...facts };
}

const gateway = httpSettings();
const sidecar = sidecarSettings();
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

t.test('the authority becomes the only host line, and the first one', async (t) => {
  const { headers } = prepare(gateway, [
    ['x-a', '1'],
    ['host', 'other'],
    ['x-b', '2'],
  ]);
  t.same(headers.flat.slice(0, 6), ['host', 'a.example', 'x-a', '1', 'x-b', '2']);
  t.same(headers.getAll('host'), ['a.example']);
});

t.test(
  'it is told whether a request bears on tracing, whatever else becomes of its fields',
  async (t) => {
    const asks = (name: string): boolean => prepare(gateway, [[name, '1']]).bearsOnTracing;
    for (const name of traceFieldNames) t.equal(asks(name), true, name);
    for (const name of ['accept', 'x-request-id', 'baggage', 'x-other']) {
      t.equal(asks(name), false, name);
    }
    const { headers } = prepare(gateway, [
      ['x-client-trace-id', 'a'],
      ['x-client-trace-id', 'b'],
      ['x-envoy-force-trace', '1'],
    ]);
    t.same(headers.getAll('x-client-trace-id'), ['a,b']);
    t.notOk(headers.has('x-envoy-force-trace'), 'it comes from outside');
  },
);

t.test('fields of the connection end here, on both sides', async (t) => {
  const lines: Line[] = [
    ['connection', 'keep-alive'],
    ['keep-alive', 'timeout=5'],
    ['proxy-connection', 'keep-alive'],
    ['transfer-encoding', 'chunked'],
    ['upgrade', 'h2c'],
  ];
  for (const settings of [gateway, sidecar]) {
    const { headers } = prepare(settings, lines);
    for (const [name] of lines) t.notOk(headers.has(name), name);
  }
});

t.test('an upgrade keeps its connection and upgrade lines', async (t) => {
  const lines: Line[] = [
    ['connection', 'Upgrade'],
    ['upgrade', 'websocket'],
  ];
  const { headers } = prepare(sidecar, lines, { upgrading: true });
  t.equal(headers.get('connection'), 'Upgrade');
  t.equal(headers.get('upgrade'), 'websocket');
  for (const [said, sent] of [
    ['keep-alive, Upgrade', 'keep-alive, Upgrade'],
    ['close,upgrade', 'close, upgrade'],
    ['x-own, Upgrade', 'Upgrade'],
  ] as const) {
    const own = prepare(sidecar, [['connection', said]], { upgrading: true });
    t.equal(own.headers.get('connection'), sent);
  }
});

t.test('what mesh clients say of themselves comes as one line', async (t) => {
  const { headers } = prepare(sidecar, [
    ['x-envoy-original-path', '/a'],
    ['x-envoy-original-path', '/b'],
  ]);
  t.same(headers.getAll('x-envoy-original-path'), ['/a,/b']);
});

t.test('of te only trailers travels on', async (t) => {
  t.equal(prepare(gateway, [['te', 'trailers']]).headers.get('te'), 'trailers');
  t.notOk(prepare(gateway, [['te', 'gzip']]).headers.has('te'));
  t.equal(prepare(gateway, [['te', 'gzip, trailers']]).headers.get('te'), 'trailers');
  t.notOk(prepare(gateway, [['te', 'Trailers']]).headers.has('te'), 'Envoy compares with case');
  t.equal(prepare(gateway, [['te', '']]).headers.get('te'), '');
  const named = { connectionNames: ['te'] };
  t.equal(prepare(gateway, [['te', 'Trailers']], named).headers.get('te'), 'trailers');
  t.notOk(prepare(gateway, [['te', 'gzip']], named).headers.has('te'));
  t.notOk(prepare(gateway, [['te', '']], named).headers.has('te'));
});

t.test('repeated lines of te are read as one', async (t) => {
  const rows: readonly (readonly [first: string, second: string, sent: string[]])[] = [
    ['trailers', '', ['trailers']],
    ['', 'trailers', ['trailers']],
    ['trailers', 'trailers', ['trailers']],
    ['gzip', 'trailers', ['trailers']],
    ['', 'gzip', []],
    ['', '', ['']],
  ];
  for (const [first, second, sent] of rows) {
    const { headers } = prepare(gateway, [
      ['te', first],
      ['x-a', '1'],
      ['te', second],
    ]);
    t.same(headers.getAll('te'), sent, `${first} and ${second}`);
  }
});

t.test('fields that the connection line names are removed', async (t) => {
  const { headers } = prepare(
    gateway,
    [
      ['x-hop', '1'],
      ['x-end', '2'],
    ],
    {
      connectionNames: ['x-hop'],
    },
  );
  t.notOk(headers.has('x-hop'));
  t.equal(headers.get('x-end'), '2');
});

t.test('x-envoy- fields that steer Envoy are taken from nobody', async (t) => {
  const names = [
    'x-envoy-internal',
    'x-envoy-force-trace',
    'x-envoy-upstream-alt-stat-name',
    'x-envoy-upstream-rq-timeout-ms',
    'x-envoy-upstream-rq-per-try-timeout-ms',
    'x-envoy-expected-rq-timeout-ms',
    'x-envoy-hedge-on-per-try-timeout',
    'x-envoy-max-retries',
    'x-envoy-retry-on',
    'x-envoy-retry-grpc-on',
    'x-envoy-retriable-status-codes',
  ];
  for (const settings of [gateway, sidecar]) {
    const { headers } = prepare(
      settings,
      names.map((name): Line => [name, '1']),
    );
    for (const name of names) t.notOk(headers.has(name), name);
  }
});

t.test('some x-envoy- fields are believed within the mesh only', async (t) => {
  const names = [
    'x-envoy-decorator-operation',
    'x-envoy-downstream-service-cluster',
    'x-envoy-downstream-service-node',
    'x-envoy-original-host',
    'x-envoy-original-path',
  ];
  const lines = names.map((name): Line => [name, 'said']);
  const atEdge = prepare(gateway, lines).headers;
  const inMesh = prepare(sidecar, lines).headers;
  for (const name of names) {
    t.notOk(atEdge.has(name), `${name} at the edge`);
    t.equal(inMesh.get(name), 'said', `${name} in the mesh`);
  }
});

t.test('repeated lines of well-known fields are joined, others stay as they are', async (t) => {
  const { headers } = prepare(sidecar, [
    ['accept', 'a'],
    ['x-own', '1'],
    ['accept', 'b'],
    ['x-own', '2'],
    ['x-forwarded-for', '1.1.1.1'],
    ['x-forwarded-for', '2.2.2.2'],
    ['x-request-id', 'one'],
    ['x-request-id', 'two'],
  ]);
  t.same(headers.getAll('accept'), ['a,b']);
  t.same(headers.getAll('x-own'), ['1', '2']);
  t.same(headers.getAll('x-forwarded-for'), ['1.1.1.1,2.2.2.2']);
  t.same(headers.getAll('x-request-id'), ['one,two']);
});

t.test('the edge adds the peer to x-forwarded-for', async (t) => {
  t.equal(prepare(gateway, []).headers.get('x-forwarded-for'), '10.0.0.9');
  const { headers } = prepare(gateway, [['x-forwarded-for', '1.1.1.1']]);
  t.equal(headers.get('x-forwarded-for'), '1.1.1.1,10.0.0.9');
});

t.test('the edge names the client, by its own eyes or those of trusted proxies', async (t) => {
  const chain: Line = ['x-forwarded-for', '1.1.1.1, 2.2.2.2'];
  const external = (hops: number, lines: readonly Line[]): string | undefined =>
    prepare(httpSettings({ xffNumTrustedHops: hops }), lines).headers.get(
      'x-envoy-external-address',
    );
  t.equal(external(0, [chain]), '10.0.0.9');
  t.equal(external(1, [chain]), '2.2.2.2');
  t.equal(external(2, [chain]), '1.1.1.1');
  t.equal(external(3, [chain]), '10.0.0.9', 'there are not so many');
  t.equal(external(1, []), '10.0.0.9');
  for (const value of ['', ',', 'unknown', '1.1.1.1:80', '1.1.1.1,', '01.2.3.4', '[::1]:80']) {
    t.equal(external(1, [['x-forwarded-for', value]]), '10.0.0.9', `${value} is no address`);
  }
  t.equal(external(1, [['x-forwarded-for', '5.5.5.5 , ::1 ']]), '::1');
  t.equal(external(0, [['x-envoy-external-address', '6.6.6.6']]), '10.0.0.9');
});

t.test('the edge believes x-forwarded-proto only behind trusted proxies', async (t) => {
  const lines: Line[] = [['x-forwarded-proto', 'https']];
  const own = prepare(gateway, lines);
  t.equal(own.headers.get('x-forwarded-proto'), 'http');
  t.equal(own.forwardedProto, 'http');
  const trusting = prepare(httpSettings({ xffNumTrustedHops: 1 }), lines);
  t.equal(trusting.headers.get('x-forwarded-proto'), 'https');
  t.equal(trusting.forwardedProto, 'https');
});

t.test('within the mesh the forwarded fields pass on unchanged', async (t) => {
  const lines: Line[] = [
    ['x-forwarded-for', '1.1.1.1'],
    ['x-forwarded-proto', 'https'],
    ['x-envoy-external-address', '1.1.1.1'],
  ];
  const { headers, forwardedProto } = prepare(sidecar, lines);
  for (const [name, value] of lines) t.equal(headers.get(name), value);
  t.equal(forwardedProto, 'https');
  const bare = prepare(sidecar, []).headers;
  t.equal(bare.get('x-forwarded-proto'), 'http');
  t.notOk(bare.has('x-forwarded-for'));
});

t.test('an empty line of a joined field adds nothing', async (t) => {
  const chain = (...values: readonly string[]): string | undefined =>
    prepare(
      gateway,
      values.map((value): Line => ['x-forwarded-for', value]),
    ).headers.get('x-forwarded-for');
  t.equal(chain('', '2.2.2.2'), '2.2.2.2,10.0.0.9');
  t.equal(chain('2.2.2.2', ''), '2.2.2.2,10.0.0.9');
  t.equal(chain(''), '10.0.0.9');
});

t.test('within the mesh the last of x-forwarded-for is the client', async (t) => {
  const client = (value: string): string | null =>
    prepare(sidecar, [['x-forwarded-for', value]]).clientAddress;
  t.equal(client('1.1.1.1, 2.2.2.2'), '2.2.2.2');
  t.equal(client('1.1.1.1, unknown'), null);
  t.equal(prepare(sidecar, []).clientAddress, null);
});

t.test('a field that tells of the certificate of a client is taken from nobody', async (t) => {
  for (const settings of [gateway, sidecar]) {
    const { headers } = prepare(settings, [['x-forwarded-client-cert', 'By=spiffe://a;Hash=1']]);
    t.notOk(headers.has('x-forwarded-client-cert'));
  }
});

t.test('a referer that is no URL ends here', async (t) => {
  const passes = (value: string): boolean =>
    prepare(gateway, [['referer', value]]).headers.has('referer');
  for (const value of ['http://a/', 'HTTPS://a.b:80/c?d', '/relative', 'a', '', '//a/b']) {
    t.ok(passes(value), value);
  }
  for (const value of ['http://', 'http:/a', 'http:///x', 'http://a:99999/', 'http://u@h/']) {
    t.notOk(passes(value), value);
  }
  for (const value of ['about:blank', 'http://a b/', 'http://a/#f', 'a b', '#f']) {
    t.notOk(passes(value), value);
  }
});

t.test('a client of an internal address that comes first is internal', async (t) => {
  const inside = httpSettings({ internalAddresses: ['10.0.0.0/8', 'fd00::/8'] });
  const lines: Line[] = [
    ['x-envoy-retry-on', '5xx'],
    ['x-envoy-original-path', '/before'],
    ['x-envoy-external-address', '6.6.6.6'],
    ['x-envoy-internal', 'false'],
    ['x-request-id', 'mine'],
  ];
  const { headers, requestId } = prepare(inside, lines);
  t.same(headers.getAll('x-envoy-internal'), ['true']);
  t.equal(headers.get('x-envoy-retry-on'), '5xx');
  t.equal(headers.get('x-envoy-original-path'), '/before');
  t.equal(headers.get('x-envoy-external-address'), '6.6.6.6', 'as it was received');
  t.equal(headers.get('x-forwarded-for'), '10.0.0.9');
  t.equal(requestId, 'mine', 'no edge renews it');
});

t.test('behind a proxy, or from elsewhere, a client is external', async (t) => {
  const table: readonly (readonly [string[], Line[]])[] = [
    [['10.0.0.0/8'], [['x-forwarded-for', '10.1.1.1']]],
    [['10.0.0.0/8'], [['x-forwarded-for', '']]],
    [['192.168.0.0/16'], []],
  ];
  for (const [internalAddresses, lines] of table) {
    const { headers } = prepare(httpSettings({ internalAddresses }), [
      ['x-envoy-retry-on', '5xx'],
      ['x-envoy-internal', 'true'],
      ...lines,
    ]);
    t.notOk(headers.has('x-envoy-internal'));
    t.notOk(headers.has('x-envoy-retry-on'));
    t.equal(headers.get('x-envoy-external-address'), '10.0.0.9');
  }
});

t.test('request ids', async (t) => {
  const said: Line[] = [['x-request-id', 'mine']];
  const idOf = (changes: Partial<HttpSettings>, lines: readonly Line[]): string | null => {
    const { headers, requestId } = prepare(httpSettings(changes), lines);
    t.equal(headers.get('x-request-id') ?? null, requestId, 'what is known is what is sent');
    return requestId;
  };
  t.match(idOf({}, []), uuid, 'the edge makes one');
  t.match(idOf({}, said), uuid, 'the edge renews it');
  t.equal(idOf({ preserveExternalRequestId: true }, said), 'mine', 'unless told to keep it');
  t.match(idOf({ preserveExternalRequestId: true }, []), uuid, 'if there is one');
  t.equal(idOf({ generateRequestId: false }, said), 'mine', 'or to make none');
  t.equal(idOf({ generateRequestId: false }, []), null);
  t.equal(idOf({ useRemoteAddress: false }, said), 'mine', 'the mesh keeps it');
  t.match(idOf({ useRemoteAddress: false }, []), uuid, 'and makes a missing one');
  t.match(idOf({ useRemoteAddress: false }, [['x-request-id', '']]), uuid, 'or an empty one');
});
