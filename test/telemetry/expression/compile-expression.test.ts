import t from 'tap';
import { attributeNames } from '../../../src/model/attributes.ts';
import {
  compileExpression,
  type Expression,
} from '../../../src/telemetry/expression/compile-expression.ts';
import { responseFlag } from '../../../src/telemetry/response-flags.ts';
import type { StreamInfo } from '../../../src/telemetry/stream-info.ts';
import type { CertificateInfo } from '../../../src/telemetry/tls-info.ts';
import { testListener, testStreamInfo } from '../stream-info-fixture.ts';

function compiled(text: string): Expression {
  const expression = compileExpression(text);
  if (!expression.ok) throw new Error(`${text}: ${expression.error}`);
  return expression.value;
}

function evaluated(text: string, info: StreamInfo = testStreamInfo()): unknown {
  return compiled(text).evaluate(info);
}

function certificate(name: string): CertificateInfo {
  return {
    subject: `CN=${name}`,
    issuer: 'CN=test',
    serial: '01',
    sha1: 'aa',
    sha256: 'bb',
    uris: [`spiffe://${name}`, 'spiffe://second'],
    dnsNames: [],
    emails: [],
    ipAddresses: [],
    validFrom: new Date(0),
    validTo: new Date(0),
    urlEncodedPem: '',
  };
}

function tlsInfo(): StreamInfo {
  const info = testStreamInfo();
  info.requestedServerName = 'a.example';
  info.tls = {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    peer: certificate('client'),
    local: certificate('proxy'),
    forwardedCertificate: null,
  };
  return info;
}

/** Of a failed exchange. */
function failedInfo(): StreamInfo {
  const info = testStreamInfo();
  info.status = 503;
  info.responseFlags = responseFlag.upstreamConnectionFailure | responseFlag.upstreamRetryLimit;
  info.requestHeaders?.append('x-twice', 'a');
  info.requestHeaders?.append('x-twice', 'b');
  info.requestHeaders?.append('x-name', Buffer.from('Jürgen').toString('latin1'));
  return info;
}

t.test('attributes have the values and types of Envoy', async (t) => {
  const cases: readonly (readonly [text: string, value: unknown])[] = [
    ['request.path', '/ratings/7?full=1'],
    ['request.url_path', '/ratings/7'],
    ['request.query', 'full=1'],
    ['request.host', 'reviews:9080'],
    ['request.scheme', 'http'],
    ['request.method', 'GET'],
    ['request.protocol', 'HTTP/1.1'],
    ['request.useragent', 'curl/8.0 (test)'],
    ['request.id', '4682c01b-23fb-4ad1-8c95-91d7fb8ebbff'],
    ['request.time', new Date(Date.UTC(2026, 10, 21, 10, 34, 5, 7))],
    ['request.size', 0n],
    ['request.headers["user-agent"]', 'curl/8.0 (test)'],
    ['request.headers["User-Agent"]', 'curl/8.0 (test)'],
    ['request.headers[":path"]', '/ratings/7?full=1'],
    ['request.headers["cookie"]', 'session=secret'],
    ['response.code', 200n],
    ['response.code_details', 'via_upstream'],
    ['response.flags', 0n],
    ['response.grpc_status', 2n],
    ['response.headers["server"]', 'envoy'],
    ['response.headers[":status"]', '200'],
    ['response.size', 23n],
    ['source.address', '127.0.0.1:50000'],
    ['source.port', 50_000n],
    ['destination.address', '127.0.0.1:15001'],
    ['destination.port', 15_001n],
    ['connection.mtls', false],
    ['connection.requested_server_name', ''],
    ['upstream.address', '127.0.0.1:9080'],
    ['upstream.port', 9080n],
    ['upstream.local_address', '127.0.0.1:40000'],
    ['upstream.request_attempt_count', 1n],
    ['upstream.num_endpoints', 1n],
    ['upstream.locality.zone', 'a'],
    ['xds.cluster_name', 'outbound|9080|v1|reviews.default.svc.cluster.local'],
    ['xds.route_name', 'canary'],
    ['xds.listener_direction', 2n],
    ['xds.cluster_metadata.filter_metadata["istio"].services[0].name', 'reviews'],
  ];
  for (const [text, value] of cases) t.same(evaluated(text), value, text);
  t.equal(evaluated('xds.listener_direction', testStreamInfo(testListener('inbound'))), 1n);
});

t.test('attributes of TLS are those of the certificates', async (t) => {
  const cases: readonly (readonly [text: string, value: unknown])[] = [
    ['connection.mtls', true],
    ['connection.requested_server_name', 'a.example'],
    ['connection.tls_version', 'TLSv1.3'],
    ['connection.subject_peer_certificate', 'CN=client'],
    ['connection.subject_local_certificate', 'CN=proxy'],
    ['connection.uri_san_peer_certificate', 'spiffe://client'],
    ['connection.sha256_peer_certificate_digest', 'bb'],
    ['connection.dns_san_peer_certificate', undefined],
    ['has(connection.dns_san_peer_certificate)', false],
    ['has(upstream.tls_version)', false],
  ];
  for (const [text, value] of cases) t.same(evaluated(text, tlsInfo()), value, text);
});

t.test('expressions that filter', async (t) => {
  const cases: readonly (readonly [text: string, value: unknown])[] = [
    ['response.code >= 400', true],
    ['response.code >= 400.5 && response.code < 600', true],
    ['response.code in [502, 503]', true],
    ['response.code == 503 || request.headers["nothing"] == "x"', true],
    ['request.headers["x-twice"] == "a,b"', true],
    ['"x-twice" in request.headers', true],
    ['"X-Nothing" in request.headers', false],
    ['request.headers.exists(name, name == "x-twice")', true],
    ['request.headers["x-name"] == "Jürgen"', true],
    ['request.duration > duration("10ms")', true],
    ['request.duration > duration("1s")', false],
    ['request.time < timestamp("2026-11-22T00:00:00Z")', true],
    ['response.flags == 32800', true],
    ['response.grpc_status == 14', true],
    ['request.path.startsWith("/ratings/") && request.path.endsWith("=1")', true],
    ['request.path.contains("7?") ? request.method == "GET" : false', true],
    ['request.path.matches("^/r[a-z]+/[0-9]+")', true],
    ['matches(request.path, "^/reviews")', false],
    ['request.path.matches(request.headers["x-twice"])', false],
    ['has(request.referer)', false],
    ['has(filter_state.upstream_peer)', false],
    ['size(request.path) > 5', true],
  ];
  for (const [text, value] of cases) t.equal(evaluated(text, failedInfo()), value, text);
});

t.test('what is not there makes the evaluation fail', async (t) => {
  for (const text of [
    'request.referer == "x"',
    'request.headers["nothing"] == "x"',
    'response.trailers["grpc-status"] == "0"',
    'filter_state.peer.name == "x"',
    'response.backend_latency > duration("1s")',
    'request.path > 5',
    'request.path.matches(request.path + "(")',
  ]) {
    t.equal(evaluated(text), undefined, text);
  }
});

t.test('a connection without a request has no attributes of one', async (t) => {
  const info = testStreamInfo();
  info.method = '';
  info.path = '';
  info.authority = '';
  info.protocol = '';
  info.requestHeaders = null;
  info.responseHeaders = null;
  info.status = 0;
  for (const name of ['path', 'host', 'method', 'scheme', 'protocol', 'useragent']) {
    t.equal(evaluated(`has(request.${name})`, info), false, name);
  }
  t.equal(evaluated('response.code >= 400', info), undefined);
  t.equal(evaluated('request.headers["a"] == "b"', info), undefined);
  t.equal(evaluated('response.headers_bytes == 0', info), true);
});

t.test('every attribute can be asked for', async (t) => {
  for (const [object, names] of Object.entries(attributeNames)) {
    for (const name of names) t.type(evaluated(`has(${object}.${name})`), 'boolean', name);
  }
});

t.test('expressions that cannot be evaluated are refused with what is wrong', async (t) => {
  const cases: readonly (readonly [text: string, error: RegExp])[] = [
    ['', /./],
    ['response.code >=', /at character 17/],
    ['response.status >= 400', /No such key: status at character 10/],
    ['reply.code == 1', /Unknown variable: reply/],
    ['request.path.matches("a(")', /\(/],
    ['matches(request.path, "(?=a)")', /\(\?=/],
    ['request.path.like("a")', /like/],
    ['"a" + 1', /\+/],
  ];
  for (const [text, error] of cases) {
    const result = compileExpression(text);
    t.match(result, { ok: false, error }, text);
  }
});

t.test('the type of an expression is known as far as it can be', async (t) => {
  t.equal(compiled('response.code >= 400').type, 'bool');
  t.equal(compiled('request.host').type, 'dyn');
  t.equal(compiled('"a"').type, 'string');
});

t.test('a pattern takes time that is linear in the length of the text', async (t) => {
  const info = testStreamInfo();
  info.path = `/${'a'.repeat(60_000)}!`;
  t.equal(evaluated('request.path.matches("^/(a+)+$")', info), false);
});
