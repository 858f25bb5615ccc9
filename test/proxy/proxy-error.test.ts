import t from 'tap';
import { ProxyError, type ProxyErrorCode } from '../../src/proxy/proxy-error.ts';
import { formatResponseFlags } from '../../src/telemetry/response-flags.ts';

const lead = 'upstream connect error or disconnect/reset before headers. reset reason: ';
const before = 'upstream_reset_before_response_started';

type Row = readonly [
  code: ProxyErrorCode,
  status: number,
  flag: string,
  details: string,
  body: string,
];

const rows: readonly Row[] = [
  [
    'connect-refused',
    503,
    'UF',
    `${before}{remote_connection_failure}`,
    `${lead}remote connection failure`,
  ],
  ['connect-timeout', 503, 'UF', `${before}{connection_timeout}`, `${lead}connection timeout`],
  [
    'connection-termination',
    503,
    'UC',
    `${before}{connection_termination}`,
    `${lead}connection termination`,
  ],
  ['reset', 503, 'UC', `${before}{connection_termination}`, `${lead}connection termination`],
  ['protocol-error', 502, 'UPE', `${before}{protocol_error}`, `${lead}protocol error`],
  ['overflow', 503, 'UO', `${before}{overflow}`, `${lead}overflow`],
  ['no-healthy-upstream', 503, 'UH', 'no_healthy_upstream', 'no healthy upstream'],
  ['no-cluster', 503, 'NC', 'cluster_not_found', ''],
  ['per-try-timeout', 504, 'UT', 'upstream_per_try_timeout', 'upstream request timeout'],
  ['route-timeout', 504, 'UT', 'response_timeout', 'upstream request timeout'],
  ['stream-idle-timeout', 504, 'SI', 'stream_idle_timeout', 'stream timeout'],
];

t.test('every failure has status, flag, details and body', async (t) => {
  for (const [code, status, flag, details, body] of rows) {
    const error = new ProxyError(code);
    t.equal(error.outcome.status, status, `${code}: status`);
    t.equal(formatResponseFlags(error.outcome.flag), flag, `${code}: flag`);
    t.equal(error.details, details, `${code}: details`);
    t.equal(error.body(false), body, `${code}: body`);
  }
});

t.test('the details of a reset carry why the connection failed', async (t) => {
  const error = new ProxyError('connect-refused', 'delayed connect error: Connection refused');
  t.equal(
    error.details,
    `${before}{remote_connection_failure|delayed_connect_error:_Connection_refused}`,
  );
});

t.test('the body of a reset says that there were retries', async (t) => {
  t.equal(
    new ProxyError('connection-termination').body(true),
    'upstream connect error or disconnect/reset before headers. ' +
      'retried and the latest reset reason: connection termination',
  );
  t.equal(new ProxyError('route-timeout').body(true), 'upstream request timeout');
});
