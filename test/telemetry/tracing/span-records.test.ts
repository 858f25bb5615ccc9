import t from 'tap';
import { SeededRandom } from '../../../src/base/random.ts';
import { HeaderList } from '../../../src/http1/header-list.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import type { Route } from '../../../src/model/route.ts';
import { responseFlag } from '../../../src/telemetry/response-flags.ts';
import type { StreamInfo } from '../../../src/telemetry/stream-info.ts';
import { CustomTags } from '../../../src/telemetry/tracing/custom-tags.ts';
import { OtlpSpanEncoder } from '../../../src/telemetry/tracing/otlp-span-encoder.ts';
import { passTrace } from '../../../src/telemetry/tracing/pass-trace.ts';
import { SpanRecords } from '../../../src/telemetry/tracing/span-records.ts';
import { type ClientSpan, ExchangeSpans } from '../../../src/telemetry/tracing/spans.ts';
import { TraceRules } from '../../../src/telemetry/tracing/trace-rules.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { meshOf, tracingSettings } from '../../support/mesh-models.ts';
import { decodeSpan } from '../../support/otlp-messages.ts';
import { forwardTo, pathMatch, route, weightedCluster } from '../../support/route-models.ts';
import { collectedSpan } from '../../support/trace-collector.ts';
import { testListener, testStreamInfo } from '../stream-info-fixture.ts';

const settings = tracingSettings({ istioTags: false });
const records = new SpanRecords({
  encoder: new OtlpSpanEncoder(),
  tags: new CustomTags(settings, meshOf({}).proxy),
  maxPathTagLength: 256,
});

interface Recorded {
  readonly info: StreamInfo;
  readonly spans: ExchangeSpans;
  readonly client: ClientSpan;
  readonly clock: ManualClock;
}

/** An exchange that began at 1000 and has made one attempt, which is under way. */
function record(headers = new HeaderList(), info = testStreamInfo()): Recorded {
  const random = new SeededRandom(1);
  const clock = new ManualClock(1_002);
  const context = passTrace({ headers, info }, new TraceRules(settings), random);
  if (context === null) throw new Error('every trace is sampled');
  const spans = new ExchangeSpans(context, clock, random);
  info.spans = spans;
  const model = info.endpoint;
  if (model === null || info.cluster === null) throw new Error('the fixture has both');
  const endpoint = { model, key: '127.0.0.1:9080', ejected: false };
  const client = spans.startClient({ cluster: info.cluster, endpoint, attempt: 1 });
  return { info, spans, client, clock };
}

function respond(client: ClientSpan, status: number, fields: readonly [string, string][] = []) {
  const headers = new HeaderList();
  for (const [name, value] of fields) headers.append(name, value);
  client.respond(status, headers);
}

function ended({ info, spans, client, clock }: Recorded): {
  readonly server: DecodedSpan;
  readonly attempt: DecodedSpan;
} {
  clock.advance(8.5);
  client.end();
  const server = decoded(records.server(info, spans));
  return { server, attempt: decoded(records.client(info, spans, client)) };
}

/** By the protocol's own messages. */
function decoded(span: Buffer) {
  return { ...collectedSpan(decodeSpan(span)), flags: flagsOf(span) };
}

/** Field 16, which is younger than those messages. */
function flagsOf(span: Buffer): string {
  const start = span.indexOf('8501', 'hex') + 2;
  return span.toString('hex', start, start + 4);
}

type DecodedSpan = ReturnType<typeof decoded>;

t.test('times are of the wall clock, to a fraction of a millisecond', async (t) => {
  const recorded = record();
  respond(recorded.client, 200);
  const { server, attempt } = ended(recorded);
  const start = BigInt(Date.UTC(2026, 10, 21, 10, 34, 5, 7)) * 1_000_000n;
  t.equal(server.startNanos, start);
  t.equal(server.endNanos, start + 12_500_000n);
  t.equal(attempt.startNanos, start + 2_000_000n);
  t.equal(attempt.endNanos, start + 10_500_000n);
  t.equal(server.parentSpanId, '');
  t.equal(attempt.parentSpanId, server.spanId);
  t.equal(attempt.traceId, server.traceId);
  t.equal(server.flags, '03010000', 'sampled, of a random id, and begun here');
  t.equal(attempt.flags, '03010000', 'and below a span of this process');
});

t.test('times are whole microseconds, which Zipkin takes alone', async (t) => {
  const recorded = record();
  recorded.clock.advance(0.123_456);
  respond(recorded.client, 200);
  const { server, attempt } = ended(recorded);
  for (const { startNanos, endNanos } of [server, attempt]) {
    for (const nanos of [startNanos, endNanos]) t.equal(nanos % 1000n, 0n);
  }
});

t.test('a short trace id of B3 is filled up', async (t) => {
  const headers = new HeaderList();
  headers.append('b3', 'e457b5a2e4d86bd1-05e3ac9a4f6e3b90-1');
  const { server } = ended(record(headers));
  t.equal(server.traceId, `${'0'.repeat(16)}e457b5a2e4d86bd1`);
  t.equal(server.parentSpanId, '05e3ac9a4f6e3b90');
  t.equal(server.flags, '01030000', 'the parent is elsewhere');
});

t.test('a call of gRPC has the attributes of RPC, and its status counts', async (t) => {
  const cases = [
    { grpcStatus: 0, server: 0, client: 0 },
    { grpcStatus: 5, server: 0, client: 2 },
    { grpcStatus: 14, server: 2, client: 2 },
  ];
  for (const { grpcStatus, server: ofServer, client: ofClient } of cases) {
    const recorded = record();
    recorded.info.path = '/bank.Accounts/Transfer';
    recorded.info.grpcStatus = grpcStatus;
    respond(recorded.client, 200);
    const { server, attempt } = ended(recorded);
    for (const { attributes } of [server, attempt]) {
      t.match(attributes, {
        'rpc.system': 'grpc',
        'rpc.service': 'bank.Accounts',
        'rpc.method': 'Transfer',
        'rpc.grpc.status_code': grpcStatus,
      });
    }
    t.equal(server.status.code, ofServer, `${grpcStatus} of the exchange`);
    t.equal(attempt.status.code, ofClient, `${grpcStatus} of the attempt`);
  }
});

t.test('an attempt that was retried has the status of its own answer', async (t) => {
  const recorded = record();
  recorded.info.grpcStatus = 0;
  recorded.info.attempts = 2;
  respond(recorded.client, 200, [['grpc-status', '14']]);
  const { attempt } = ended(recorded);
  t.match(attempt, { attributes: { 'error.type': '14' }, status: { code: 2 } });
});

t.test('a status of gRPC that is no number is none', async (t) => {
  const recorded = record();
  recorded.info.grpcStatus = 2;
  recorded.info.attempts = 1;
  respond(recorded.client, 200, [['grpc-status', 'abc']]);
  const { attempt } = ended(recorded);
  t.match(attempt.attributes, { 'rpc.grpc.status_code': 2, 'error.type': '2' });
});

interface Ending {
  readonly name: string;
  readonly info: Partial<StreamInfo>;
  readonly error: string | undefined;
  readonly message?: string;
}

const endings: readonly Ending[] = [
  { name: 'an answer', info: {}, error: undefined },
  { name: 'a mistake of the client', info: { status: 404 }, error: undefined },
  { name: 'an error of the endpoint', info: { status: 500 }, error: '500' },
  {
    name: 'an answer of the proxy',
    info: { status: 503, details: 'no_healthy_upstream' },
    error: '503',
    message: 'no_healthy_upstream',
  },
  {
    name: 'a client that left',
    info: {
      status: 0,
      responseEndAt: 0,
      responseFlags: responseFlag.downstreamTermination,
      details: 'downstream_remote_disconnect',
    },
    error: undefined,
  },
  {
    name: 'an endpoint that broke off',
    info: {
      responseEndAt: 0,
      responseFlags: responseFlag.upstreamTermination,
      details: 'upstream_reset_after_response_started{connection_termination}',
    },
    error: 'UpstreamConnectionTermination',
    message: 'upstream_reset_after_response_started{connection_termination}',
  },
];

t.test('how an exchange ended says whether its span has failed', async (t) => {
  for (const { name, info, error, message } of endings) {
    const recorded = record();
    Object.assign(recorded.info, info);
    const { server } = ended(recorded);
    t.equal(server.attributes['error.type'], error, name);
    t.equal(server.status.code, error === undefined ? 0 : 2, name);
    t.equal(server.status.message, message ?? '', name);
  }
});

t.test('a mistake of the client is an error of the attempt', async (t) => {
  const recorded = record();
  respond(recorded.client, 404);
  const { attempt } = ended(recorded);
  t.match(attempt, { attributes: { 'error.type': '404' }, status: { code: 2 } });
});

t.test('addresses with and without ports, of both families', async (t) => {
  const recorded = record();
  const { info } = recorded;
  info.authority = '[2001:db8::1]:8443';
  info.downstreamRemoteAddress = '10.1.2.3:0';
  info.downstreamDirectRemoteAddress = '[::1]:50000';
  const { attributes } = ended(recorded).server;
  t.match(attributes, {
    'server.address': '2001:db8::1',
    'server.port': 8443,
    'client.address': '10.1.2.3',
    'network.peer.address': '::1',
    'network.peer.port': 50_000,
    'peer.address': '::1',
  });
  t.notOk('client.port' in attributes, 'it is not known');
});

const origin = { kind: 'VirtualService', namespace: 'default', name: 'canary', file: '', line: 0 };

interface Naming {
  readonly name: string;
  readonly route: Route | null;
  readonly cluster?: Cluster | null;
  readonly direction?: 'outbound' | 'inbound';
}

const two = [weightedCluster('a'), weightedCluster('b')];
const toOne = { ...route('r', {}, forwardTo('a')), origin };
const host = 'reviews.default.svc.cluster.local';

const namings: readonly Naming[] = [
  { name: `${host}:9080/*`, route: toOne },
  {
    name: `${host}:9080/api*`,
    route: { ...route('r', { path: pathMatch('prefix', '/api') }, forwardTo('a')), origin },
  },
  {
    name: `${host}:9080/login`,
    route: { ...route('r', { path: pathMatch('exact', '/login') }, forwardTo('a')), origin },
  },
  {
    name: `${host}:9080/*`,
    route: { ...route('r', { path: pathMatch('path-separated-prefix', '/a') }, forwardTo('a')) },
  },
  { name: 'canary:9080/*', route: { ...toOne, action: forwardTo('a', { clusters: two }) } },
  { name: 'canary:80/*', route: toOne, cluster: null },
  { name: 'egress reviews:9080', route: null },
  { name: 'ingress', route: null, direction: 'inbound' },
];

t.test('a span is called as Istio decorates its route', async (t) => {
  for (const { name, route: chosen, cluster, direction = 'outbound' } of namings) {
    const listener = { ...testListener(direction), servicePort: 0 };
    const recorded = record(new HeaderList(), testStreamInfo(listener));
    recorded.spans.route = chosen;
    if (cluster === null) recorded.info.cluster = null;
    t.equal(ended(recorded).server.name, name);
  }
});
