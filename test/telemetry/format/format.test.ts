import { hostname } from 'node:os';
import t from 'tap';
import { HeaderList } from '../../../src/http1/header-list.ts';
import { compileFormat } from '../../../src/telemetry/format/format.ts';
import { responseFlag } from '../../../src/telemetry/response-flags.ts';
import { StreamInfo } from '../../../src/telemetry/stream-info.ts';
import { testListener, testStreamInfo } from '../stream-info-fixture.ts';

function format(text: string, change: (info: StreamInfo) => void = () => {}): string {
  const compiled = compileFormat(text, 'access-log');
  if (!compiled.ok) return `error at ${compiled.error.offset}: ${compiled.error.message}`;
  const info = testStreamInfo();
  change(info);
  return compiled.value.format(info);
}

const table: readonly (readonly [format: string, output: string])[] = [
  ['', ''],
  ['plain text', 'plain text'],
  ['100%% of %PROTOCOL%', '100% of HTTP/1.1'],
  ['%%%RESPONSE_CODE%%%', '%200%'],
  ['%START_TIME%', '2026-11-21T10:34:05.007Z'],
  ['%START_TIME()%', '2026-11-21T10:34:05.007Z'],
  ['%START_TIME(%Y/%m/%d %H:%M:%S)%', '2026/11/21 10:34:05'],
  ['%START_TIME(%s.%3f)%', '1795257245.007'],
  ['%START_TIME(%s.%6f)%', '1795257245.007000'],
  ['%START_TIME(%f)%', '007000000'],
  ['%START_TIME(%E3S|%E*S|%E0S)%', '05.007|05.007|05'],
  ['%START_TIME(%E4S|%E2f|%E*f|%E4Y)%', '05.0070|00|007|2026'],
  ['%START_TIME(%c|%x|%X|%r)%', 'Sat Nov 21 10:34:05 2026|11/21/26|10:34:05|10:34:05 AM'],
  ['%START_TIME(%G-W%V %g %U %W %C)%', '2026-W47 26 46 46 20'],
  ['%START_TIME(%k|%l|%P|%Ez|%E*z|%ET)%', '10|10|am|+00:00|+00:00:00|T'],
  ['%START_TIME(%a %A %b %B %e %j %p %I %u %w)%', 'Sat Saturday Nov November 21 325 AM 10 6 6'],
  [
    '%START_TIME(%F %T %R %D %y %h %z %Z %%)%',
    '2026-11-21 10:34:05 10:34 11/21/26 26 Nov +0000 UTC %',
  ],
  ['%EMIT_TIME%', '2026-11-21T10:34:05.019Z'],
  [
    '%REQ(:METHOD)% %REQ(:PATH)% %REQ(:AUTHORITY)% %REQ(:SCHEME)%',
    'GET /ratings/7?full=1 reviews:9080 http',
  ],
  ['%REQ(Host)%', 'reviews:9080'],
  ['%REQ(USER-AGENT)%', 'curl/8.0 (test)'],
  ['%REQ(user-agent):4%', 'curl'],
  ['%REQ(X-MISSING)%', '-'],
  // Envoy takes them: no character of the value is shown, and brackets may be empty.
  ['%REQ(user-agent):0%', ''],
  ['%RESPONSE_CODE()%', '200'],
  ['%REQ(X-MISSING?USER-AGENT):6%', 'curl/8'],
  ['%REQ(X-REQUEST-ID)%', '4682c01b-23fb-4ad1-8c95-91d7fb8ebbff'],
  ['%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%', '/ratings/7?full=1'],
  ['%REQ_WITHOUT_QUERY(:PATH)%', '/ratings/7'],
  ['%REQ_WITHOUT_QUERY(X-MISSING)%', '-'],
  ['%REQ(USER-AGENT?):4% %REQ(?USER-AGENT):4%', 'curl curl'],
  [
    '%PATH()% %PATH(NQ)% %PATH(WQ:PATH)% %PATH(NQ:ORIG)%',
    '/ratings/7?full=1 /ratings/7 /ratings/7?full=1 -',
  ],
  ['%QUERY_PARAM(full)% %QUERY_PARAM(ful)%', '1 -'],
  ['%ENVIRONMENT(SLUICE_NOT_SET)%', '-'],
  ['%RESP(X-BACKEND)% %RESP(:STATUS)%', 'a-0 200'],
  ['%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%', '9'],
  ['%TRAILER(GRPC-STATUS)%', '-'],
  ['%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG%', '200 - -'],
  ['%RESPONSE_CODE_DETAILS%', 'via_upstream'],
  ['%CONNECTION_TERMINATION_DETAILS%%UPSTREAM_TRANSPORT_FAILURE_REASON%', '--'],
  ['%BYTES_RECEIVED% %BYTES_SENT%', '0 23'],
  ['%REQUEST_HEADERS_BYTES% %RESPONSE_HEADERS_BYTES% %RESPONSE_TRAILERS_BYTES%', '111 33 0'],
  ['%DURATION% %REQUEST_DURATION% %RESPONSE_DURATION% %RESPONSE_TX_DURATION%', '12 1 10 2'],
  ['%COMMON_DURATION(DS_RX_BEG:US_RX_BEG:us)%', '10000'],
  ['%COMMON_DURATION(DS_RX_BEG:DS_TX_END:ms)%', '12'],
  ['%COMMON_DURATION(US_TX_BEG:US_RX_BEG:ms)%', '-'],
  ['%UPSTREAM_HOST% %UPSTREAM_LOCAL_ADDRESS%', '127.0.0.1:9080 127.0.0.1:40000'],
  ['%UPSTREAM_REMOTE_ADDRESS% %UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%', '127.0.0.1:9080 127.0.0.1'],
  ['%UPSTREAM_CLUSTER_RAW%', 'outbound|9080|v1|reviews.default.svc.cluster.local'],
  ['%UPSTREAM_CLUSTER%', 'outbound|9080|v1|reviews.default.svc.cluster.local;'],
  ['%UPSTREAM_REQUEST_ATTEMPT_COUNT% %UPSTREAM_PROTOCOL%', '1 HTTP/1.1'],
  ['%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_PORT%', '127.0.0.1:15001 15001'],
  ['%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%', '127.0.0.1'],
  ['%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_PORT%', '127.0.0.1:50000 50000'],
  ['%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%', '127.0.0.1'],
  ['%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%', '127.0.0.1:50000'],
  ['%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%', '127.0.0.1'],
  ['%REQUESTED_SERVER_NAME% %ROUTE_NAME% %VIRTUAL_CLUSTER_NAME%', '- canary -'],
  ['%GRPC_STATUS% %GRPC_STATUS_NUMBER%', '- -'],
  ['%STREAM_ID%', '4682c01b-23fb-4ad1-8c95-91d7fb8ebbff'],
  ['%DYNAMIC_METADATA(istio.mixer:status)% %DOWNSTREAM_TLS_VERSION%', '- -'],
];

const oddTimes: readonly (readonly [time: string, format: string, output: string])[] = [
  ['2026-11-21T10:34:05.100Z', '%E*S|%E*f|%E3S', '05.1|1|05.100'],
  ['2026-11-21T10:34:05.000Z', '%E*S|%E*f|%E1f', '05|0|0'],
  // Years of weeks begin on the Monday of the week with their first Thursday.
  ['2027-01-01T00:00:00.000Z', '%G-W%V-%u %g %U %W', '2026-W53-5 26 00 00'],
  ['2024-12-30T00:00:00.000Z', '%G-W%V-%u %g %U %W', '2025-W01-1 25 52 53'],
  ['2026-11-22T00:00:00.000Z', '%G-W%V-%u %g %U %W', '2026-W47-7 26 47 46'],
  ['2023-01-01T00:00:00.000Z', '%G-W%V-%u %g %U %W', '2022-W52-7 22 01 00'],
];

t.test('fractions without zeros, and weeks at the ends of years', (t) => {
  for (const [time, conversions, output] of oddTimes) {
    const start = Date.parse(time);
    const written = compileFormat(`%START_TIME(${conversions})%`, 'access-log');
    const info = new StreamInfo(testListener(), 0, start);
    t.equal(written.ok && written.value.format(info), output, `${time} ${conversions}`);
  }
  t.end();
});

for (const [text, output] of table) {
  t.test(`format ${JSON.stringify(text)}`, (t) => {
    t.equal(format(text), output);
    t.end();
  });
}

const mistakes: readonly (readonly [format: string, error: string])[] = [
  ['50% off', 'error at 2: a single "%" must be written as "%%"'],
  ['%', 'error at 0: a single "%" must be written as "%%"'],
  ['%REQ(X%', 'error at 4: %REQ( has no ")"'],
  ['%CEL(%', 'error at 4: %CEL( has no ")"'],
  ['a %RESPONSE_CODE', 'error at 16: %RESPONSE_CODE has no "%" at its end'],
  ['%REQ(X) and %PROTOCOL', 'error at 7: %REQ(X) has no "%" at its end'],
  ['%response_code%', 'error at 0: %response_code% is no operator: their names are in capitals'],
  ['%REQ(X):-1%', 'error at 8: the length of %REQ% must be a whole number, not "-1"'],
  ['%RESPONSE_CODE:3%', 'error at 0: %RESPONSE_CODE% takes no length'],
  ['%START_TIME(%Y):3%', 'error at 0: %START_TIME% takes no length'],
  ['%REQ(A B)%', 'error at 0: %REQ% expects a header name, or two with "?" between them'],
  ['a %NO_SUCH_THING%', 'error at 2: %NO_SUCH_THING% is no operator'],
  ['%REQ%', 'error at 0: %REQ% expects a header name, or two with "?" between them'],
  ['%REQ()%', 'error at 0: %REQ% expects a header name, or two with "?" between them'],
  ['%REQ(A?B?C)%', 'error at 0: %REQ% expects a header name, or two with "?" between them'],
  ['%REQ(?)%', 'error at 0: %REQ% expects a header name, or two with "?" between them'],
  ['%QUERY_PARAM%', 'error at 0: %QUERY_PARAM% expects the name of a query parameter'],
  ['%ENVIRONMENT()%', 'error at 0: %ENVIRONMENT% expects the name of an environment variable'],
  ['%PATH(XQ)%', 'error at 0: %PATH% expects WQ or NQ, and then :ORIG, :PATH or :ORIG_OR_PATH'],
  ['%PROTOCOL(X)%', 'error at 0: %PROTOCOL% takes no argument'],
  ['%START_TIME(%Q)%', 'error at 0: %START_TIME% has the unknown time conversion %Q'],
  [
    '%GRPC_STATUS(SHOUT)%',
    'error at 0: %GRPC_STATUS% expects one of CAMEL_STRING, SNAKE_STRING, NUMBER',
  ],
];

for (const [text, error] of mistakes) {
  t.test(`format ${JSON.stringify(text)} is refused`, (t) => {
    t.equal(format(text), error);
    t.end();
  });
}

t.test('text without operators is a constant', (t) => {
  const compiled = compileFormat('100%%');
  t.ok(compiled.ok);
  if (compiled.ok) t.equal(compiled.value.constant, '100%');
  const dynamic = compileFormat('%PROTOCOL%');
  if (dynamic.ok) t.equal(dynamic.value.constant, null);
  t.end();
});

t.test('an unset value is the empty text in a header value and "-" in a log', (t) => {
  const header = compileFormat('%REQ(X-MISSING)%');
  if (header.ok) t.equal(header.value.format(testStreamInfo()), '');
  t.equal(format('%REQ(X-MISSING)%'), '-');
  t.end();
});

t.test('credentials go into header values and never into a log', (t) => {
  const header = compileFormat('%REQ(cookie)%');
  if (header.ok) t.equal(header.value.format(testStreamInfo()), 'session=secret');
  t.equal(format('%REQ(Cookie)%'), '<redacted>');
  t.equal(format('%REQ(Authorization)%'), '-');
  t.equal(format('%REQ(x?cookie):3%'), '<re');
  t.end();
});

t.test('the name of the machine', (t) => {
  t.equal(format('%HOSTNAME%'), hostname());
  t.end();
});

t.test('a failed exchange', (t) => {
  const fail = (info: StreamInfo): void => {
    info.upstreamTransportFailure = 'delayed connect error: Connection refused';
    info.status = 503;
    info.responseFlags = responseFlag.upstreamConnectionFailure | responseFlag.upstreamRetryLimit;
    info.upstreamLocalAddress = null;
    info.upstreamHeadAt = 0;
    info.upstreamServiceMs = -1;
    info.responseHeaders = null;
  };
  t.equal(format('%RESPONSE_FLAGS%', fail), 'URX,UF');
  t.equal(
    format('%UPSTREAM_TRANSPORT_FAILURE_REASON%', fail),
    'delayed_connect_error:_Connection_refused',
  );
  t.equal(
    format('%RESPONSE_FLAGS_LONG%', fail),
    'UpstreamRetryLimitExceeded,UpstreamConnectionFailure',
  );
  t.equal(format('%UPSTREAM_HOST% %UPSTREAM_REMOTE_ADDRESS%', fail), '127.0.0.1:9080 -');
  t.equal(format('%RESPONSE_DURATION% %RESPONSE_TX_DURATION%', fail), '- -');
  t.equal(format('%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% %UPSTREAM_PROTOCOL%', fail), '- -');
  t.end();
});

t.test('gRPC status in three spellings, and numbers that gRPC does not define', (t) => {
  const set = (status: number) => (info: StreamInfo) => {
    info.grpcStatus = status;
  };
  t.equal(
    format('%GRPC_STATUS% %GRPC_STATUS(SNAKE_STRING)% %GRPC_STATUS(NUMBER)%', set(5)),
    'NotFound NOT_FOUND 5',
  );
  t.equal(format('%GRPC_STATUS%', set(99)), '99');
  t.end();
});

t.test('IPv6 addresses lose port and brackets', (t) => {
  const six = (info: StreamInfo): void => {
    info.downstreamRemoteAddress = '[::1]:5000';
  };
  t.equal(
    format('%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_REMOTE_PORT%', six),
    '::1 5000',
  );
  t.end();
});

t.test(
  'text beyond ASCII leaves as UTF-8 bytes, from configuration and from headers alike',
  (t) => {
    const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
    const change = (info: StreamInfo): void => {
      info.routeName = 'grün';
      info.requestHeaders = new HeaderList();
      info.requestHeaders.append('x-name', utf8('Zoë'));
    };
    t.equal(format('→ %ROUTE_NAME% %REQ(x-name)%', change), utf8('→ grün Zoë'));
    t.end();
  },
);
