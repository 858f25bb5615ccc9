import t from 'tap';
import { HeaderList } from '../../../src/http1/header-list.ts';
import { compileFormat } from '../../../src/telemetry/format/format.ts';
import type { FormatValue } from '../../../src/telemetry/format/operator.ts';
import type { StreamInfo } from '../../../src/telemetry/stream-info.ts';
import type { CertificateInfo } from '../../../src/telemetry/tls-info.ts';
import { testStreamInfo } from '../stream-info-fixture.ts';

function render(format: string, info: StreamInfo = testStreamInfo()): FormatValue {
  const compiled = compileFormat(format, 'access-log');
  return compiled.ok ? compiled.value.value(info) : compiled.error.message;
}

/** Of a connection that is passed on. */
function tcpInfo(): StreamInfo {
  const info = testStreamInfo();
  info.protocol = '';
  info.bytesReceived = 7;
  return info;
}

const certificate: CertificateInfo = {
  subject: 'CN=endpoint',
  issuer: 'CN=authority',
  serial: '01',
  sha1: 'aa',
  sha256: 'bb',
  uris: ['spiffe://a', 'spiffe://b'],
  dnsNames: ['a.example'],
  emails: [],
  ipAddresses: ['10.0.0.1'],
  validFrom: new Date('2026-01-02T03:04:05Z'),
  validTo: new Date('2027-01-02T03:04:05Z'),
  urlEncodedPem: 'PEM',
};

t.test('names that every object has are names of headers, too', async (t) => {
  const info = testStreamInfo();
  info.requestHeaders = new HeaderList(['constructor', 'one', '__proto__', 'two']);
  info.responseHeaders = null;
  t.equal(render('%REQ(constructor)%', info), 'one');
  t.equal(render('%REQ(__proto__)%', info), 'two');
  t.equal(render('%RESP(constructor)%', info), null);
  t.match(render('%COMMON_DURATION(constructor:DS_RX_BEG:ms)%', info), /expects start:end:unit/);
  t.match(render('%COMMON_DURATION(DS_RX_BEG:US_RX_BEG:constructor)%', info), /expects start/);
});

t.test('hosts can be masked', async (t) => {
  const info = testStreamInfo();
  info.downstreamRemoteAddress = '10.1.10.23:5000';
  info.downstreamLocalAddress = '[2001:db8:1234:5678:9abc:def0:1234:5678]:80';
  const cases: readonly (readonly [format: string, value: FormatValue])[] = [
    ['%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%', '10.1.10.23'],
    ['%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(16)%', '10.1.0.0/16'],
    ['%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(0)%', '0.0.0.0/0'],
    ['%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(30)%', '10.1.10.20/30'],
    ['%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(64)%', '10.1.10.23/32'],
    ['%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT(64)%', '2001:db8:1234:5678::/64'],
    ['%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT(128)%', '2001:db8:1234:5678:9abc:def0:1234:5678/128'],
    ['%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(8)%', '127.0.0.0/8'],
  ];
  for (const [format, value] of cases) t.equal(render(format, info), value, format);
  t.match(render('%UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT(129)%'), /a number of bits/);
});

t.test('all endpoints that were connected to, each once', async (t) => {
  const info = testStreamInfo();
  t.equal(render('%UPSTREAM_HOSTS_ATTEMPTED%', info), '127.0.0.1:9080');
  info.failedAttempts = [
    { endpoint: '127.0.0.2:9080', outcome: '503' },
    { endpoint: '127.0.0.3:9080', outcome: 'connect-refused' },
    { endpoint: '127.0.0.2:9080', outcome: 'reset' },
    { endpoint: null, outcome: 'fault' },
  ];
  t.equal(render('%UPSTREAM_HOSTS_ATTEMPTED%', info), '127.0.0.2:9080,127.0.0.1:9080');
  t.equal(render('%UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT%', info), '127.0.0.2,127.0.0.1');
  info.failedAttempts = null;
  info.upstreamAddress = null;
  t.equal(render('%UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT%', info), null);
});

t.test('the server name, or the host of the request', async (t) => {
  const info = testStreamInfo();
  t.equal(render('%REQUESTED_SERVER_NAME%', info), null);
  t.equal(render('%REQUESTED_SERVER_NAME(SNI_FIRST)%', info), 'reviews:9080');
  info.requestedServerName = 'a.example';
  info.requestHeaders?.append('x-envoy-original-host', 'b.example');
  const cases: readonly (readonly [argument: string, value: string])[] = [
    ['SNI_ONLY', 'a.example'],
    ['SNI_FIRST', 'a.example'],
    ['HOST_FIRST', 'b.example'],
    ['HOST_FIRST:HOST', 'reviews:9080'],
    ['HOST_FIRST:ORIG', 'b.example'],
  ];
  for (const [argument, value] of cases) {
    t.equal(render(`%REQUESTED_SERVER_NAME(${argument})%`, info), value, argument);
  }
  t.match(render('%REQUESTED_SERVER_NAME(FIRST)%'), /SNI_ONLY/);
  t.match(render('%REQUESTED_SERVER_NAME(SNI_FIRST:X)%'), /SNI_ONLY/);
});

t.test('times of this place', async (t) => {
  const zone = process.env['TZ'];
  t.teardown(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });
  process.env['TZ'] = 'Asia/Kolkata';
  t.equal(render('%START_TIME_LOCAL%'), '2026-11-21T16:04:05.007+0530');
  t.equal(render('%START_TIME_LOCAL(%H:%M %s)%'), '16:04 1795257245');
  t.equal(render('%START_TIME(%H:%M %z %Z)%'), '10:34 +0000 UTC');
  t.equal(render('%EMIT_TIME_LOCAL(%E3S)%'), '05.019');
  process.env['TZ'] = 'America/New_York';
  t.equal(render('%START_TIME_LOCAL(%T %z %Z)%'), '05:34:05 -0500 EST');
  t.match(render('%START_TIME_LOCAL(%Q)%'), /unknown time conversion %Q/);
});

t.test('query parameters', async (t) => {
  const info = testStreamInfo();
  t.equal(render('%QUERY_PARAMS%', info), 'full=1');
  info.path = '/a?name=J%C3%BCrgen%0a&x=%';
  t.equal(render('%QUERY_PARAMS(ORIG)%', info), 'name=J%C3%BCrgen%0a&x=%');
  t.equal(
    render('%QUERY_PARAMS(DECODED)%', info),
    Buffer.from('name=Jürgen &x=%').toString('latin1'),
  );
  t.equal(render('%QUERY_PARAMS(DECODED):4%', info), 'name');
  info.path = '/a?';
  t.equal(render('%QUERY_PARAMS%', info), '');
  info.path = '/a';
  t.equal(render('%QUERY_PARAMS%', info), null);
  t.match(render('%QUERY_PARAMS(X)%'), /ORIG or DECODED/);
});

t.test('expressions', async (t) => {
  const info = testStreamInfo();
  const cases: readonly (readonly [format: string, value: FormatValue])[] = [
    ['%CEL(response.code)%', '200'],
    ['%TYPED_CEL(response.code)%', 200],
    ['%TYPED_CEL(response.code / 3)%', 66],
    ['%TYPED_CEL(connection.mtls)%', false],
    ['%CEL(connection.mtls)%', 'false'],
    ['%CEL(request.headers["nothing"])%', null],
    ['%CEL(request.headers["user-agent"].contains("curl") ? "tool" : "man")%', 'tool'],
    ['%CEL(request.path):8%', '/ratings'],
    ['%CEL(request.time)%', '2026-11-21T10:34:05.007+00:00'],
    ['%TYPED_CEL(request.time)%', '2026-11-21T10:34:05.007Z'],
    ['%CEL(duration("1h30m"))%', '1h30m'],
    ['%CEL(duration("62.5s"))%', '1m2.5s'],
    ['%CEL(duration("-62.5s"))%', '-1m2.5s'],
    ['%CEL(duration("460.628us"))%', '460.628us'],
    ['%CEL(duration("0s"))%', '0'],
    ['%CEL(request.duration)%', '12.5ms'],
    ['%CEL(response.backend_latency)%', '8ms'],
    ['%CEL([1, 2])%', '[1,2]'],
    ['%CEL([1u, uint(response.code)])%', '[1,200]'],
    ['%CEL(uint(response.code))%', '200'],
    ['%TYPED_CEL(uint(response.code))%', 200],
    ['%CEL(size(request.headers) > 3)%', 'true'],
    ['%CEL(request.headers.size() > 3)%', 'true'],
    ['%CEL(request.headers["Cookie"])%', '<redacted>'],
    ['%TYPED_CEL(duration("1h30m"))%', '5400s'],
    ['%TYPED_CEL(b"ab")%', 'YWI='],
    ['%CEL("ü")%', Buffer.from('ü').toString('latin1')],
  ];
  info.upstreamRequestEndAt = 1_003;
  info.upstreamEndAt = 1_011;
  for (const [format, value] of cases) t.equal(render(format, info), value, format);
  t.equal(String(render('%TYPED_CEL([response.code, 2, "ü"])%')), '[200,2,"\xc3\xbc"]');
  t.equal(String(render('%TYPED_CEL({"a": response.code})%')), '{"a":200}');
  t.equal(String(render('%TYPED_CEL([duration("1h30m"), b"ab"])%')), '["5400s","YWI="]');
  t.equal(String(render('%TYPED_CEL({"valueOf": 1})%')), '{"valueOf":1}');
  t.match(JSON.parse(String(render('%TYPED_CEL(request.headers)%'))), {
    ':method': 'GET',
    'user-agent': 'curl/8.0 (test)',
    cookie: '<redacted>',
  });
  t.match(
    render('%CEL(response.code >)%'),
    /^%CEL% has a bad expression: .+ \(character 16 of the expression\)$/,
  );
});

t.test('the first operator that has a value', async (t) => {
  const info = testStreamInfo();
  const sni =
    '%COALESCE({"operators":["REQUESTED_SERVER_NAME",{"command":"REQ","param":":authority"}]})%';
  t.equal(render(sni, info), 'reviews:9080');
  info.requestedServerName = 'a.example';
  t.equal(render(sni, info), 'a.example');
  const cut = '%COALESCE({"operators":[{"command":"REQ","param":":path","max_length":8}]}):4%';
  t.equal(render(cut, info), '/rat');
  t.equal(render('%COALESCE({"operators":[{"command":"REQ","param":"x"}]})%'), null);
  t.equal(render('%COALESCE({"operators":[{"command":"REQ","param":"cookie"}]})%'), '<redacted>');
  for (const bad of [
    '',
    '{',
    '[]',
    '{"operators":[]}',
    '{"operators":[1]}',
    '{"operators":[{}]}',
  ]) {
    t.match(render(`%COALESCE(${bad})%`), /^%COALESCE% expects JSON/, bad);
  }
  t.match(render('%COALESCE({"operators":["NOTHING"]})%'), /has %NOTHING%, which is no operator/);
});

t.test('long names of headers', async (t) => {
  t.equal(render('%REQUEST_HEADER(USER-AGENT):4%'), 'curl');
  t.equal(render('%RESPONSE_HEADER(X-NOTHING?SERVER)%'), 'envoy');
  t.equal(render('%RESPONSE_TRAILER(X)%'), null);
});

t.test('what is known of the proxy and the moment', async (t) => {
  const info = testStreamInfo();
  info.filterChainName = 'http';
  info.localReplyBody = 'no healthy upstream';
  info.upstreamRequestEndAt = 1_003;
  info.upstreamEndAt = 1_011;
  info.details = 'upstream reset';
  const cases: readonly (readonly [format: string, value: FormatValue])[] = [
    ['%FILTER_CHAIN_NAME%', 'http'],
    ['%LOCAL_REPLY_BODY%', 'no healthy upstream'],
    ['%ACCESS_LOG_TYPE%', 'DownstreamEnd'],
    ['%REQUEST_TX_DURATION%', 3],
    ['%COMMON_DURATION(US_TX_END:US_RX_END:us)%', 8000],
    ['%COMMON_DURATION(DS_CX_BEG:DS_CX_END:ms)%', null],
    ['%RESPONSE_CODE_DETAILS%', 'upstream_reset'],
    ['%RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)%', 'upstream reset'],
    ['%BYTES_RETRANSMITTED%', 0],
    ['%PACKETS_RETRANSMITTED%', 0],
    ['%SPAN_ID%', null],
    ['%CUSTOM_FLAGS%', ''],
    ['%DOWNSTREAM_WIRE_BYTES_SENT%', null],
  ];
  for (const [format, value] of cases) t.equal(render(format, info), value, format);
  t.match(
    render('%UNIQUE_ID%'),
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  t.not(render('%UNIQUE_ID%'), render('%UNIQUE_ID%'));
});

t.test('of a TCP connection all bytes are known', async (t) => {
  const cases: readonly (readonly [format: string, value: FormatValue])[] = [
    ['%DOWNSTREAM_WIRE_BYTES_RECEIVED%', 7],
    ['%DOWNSTREAM_WIRE_BYTES_SENT%', 23],
    ['%UPSTREAM_WIRE_BYTES_SENT%', 7],
    ['%UPSTREAM_WIRE_BYTES_RECEIVED%', 23],
    ['%ACCESS_LOG_TYPE%', 'TcpConnectionEnd'],
    ['%COMMON_DURATION(DS_CX_BEG:DS_CX_END:us)%', 12_500],
  ];
  for (const [format, value] of cases) t.equal(render(format, tcpInfo()), value, format);
});

t.test('TLS towards the endpoint', async (t) => {
  const info = testStreamInfo();
  const operators: readonly (readonly [name: string, value: string])[] = [
    ['UPSTREAM_TLS_VERSION', 'TLSv1.3'],
    ['UPSTREAM_TLS_CIPHER', 'TLS_AES_128_GCM_SHA256'],
    ['UPSTREAM_PEER_SUBJECT', 'CN=endpoint'],
    ['UPSTREAM_PEER_ISSUER', 'CN=authority'],
    ['UPSTREAM_PEER_URI_SAN', 'spiffe://a,spiffe://b'],
    ['UPSTREAM_PEER_DNS_SAN', 'a.example'],
    ['UPSTREAM_PEER_IP_SAN', '10.0.0.1'],
    ['UPSTREAM_PEER_CERT', 'PEM'],
    ['UPSTREAM_PEER_CERT_V_START', '2026-01-02T03:04:05.000Z'],
    ['UPSTREAM_PEER_CERT_V_END(%Y)', '2027'],
  ];
  for (const [name] of operators) t.equal(render(`%${name}%`, info), null, name);
  info.upstreamTls = {
    version: 'TLSv1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    peer: certificate,
    local: null,
    forwardedCertificate: null,
  };
  for (const [name, value] of operators) t.equal(render(`%${name}%`, info), value, name);
  t.equal(render('%UPSTREAM_LOCAL_URI_SAN%', info), null);
});
