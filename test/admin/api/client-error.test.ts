import t from 'tap';
import {
  describeConnectionError,
  describeRefusal,
  notTheApi,
} from '../../../src/admin/api/client-error.ts';

const base = 'http://127.0.0.1:15000';

/** What fetch throws: what happened is in the cause. */
function failed(cause: unknown): Error {
  return new TypeError('fetch failed', { cause });
}

function coded(code: string, message = 'connect'): Error {
  return Object.assign(new Error(message), { code });
}

/** An error of the parser that reads responses; its own code says nothing to a user. */
function parserError(): Error {
  return Object.assign(coded('HPE_INVALID_CONSTANT'), { name: 'HTTPParserError' });
}

t.test('each way not to be answered has its own advice', async (t) => {
  const rows: readonly (readonly [error: Error, said: RegExp])[] = [
    [failed(coded('ECONNREFUSED')), /^nothing listens on 127\.0\.0\.1:15000: start the proxy/],
    [failed(coded('ENOTFOUND')), /^the name in 127\.0\.0\.1:15000 is not known: give/],
    [failed(coded('EAI_AGAIN')), /^the name in 127\.0\.0\.1:15000 is not known: give/],
    [failed(coded('UND_ERR_CONNECT_TIMEOUT')), /^127\.0\.0\.1:15000 cannot be reached: .*loopback/],
    [failed(coded('ETIMEDOUT')), /^127\.0\.0\.1:15000 cannot be reached: /],
    [failed(coded('EHOSTUNREACH')), /^127\.0\.0\.1:15000 cannot be reached: /],
    [failed(coded('ENETUNREACH')), /^127\.0\.0\.1:15000 cannot be reached: /],
    [failed(coded('ERR_INVALID_URL')), /^"127\.0\.0\.1:15000" is no address: write HOST:PORT/],
    [failed(parserError()), /^what answers on 127\.0\.0\.1:15000 is not the admin API of this/],
    [
      failed(coded('ECONNRESET')),
      /^the admin API on 127\.0\.0\.1:15000 cannot be asked: ECONNRESET$/,
    ],
  ];
  for (const [error, said] of rows) t.match(describeConnectionError(error, base), said);
});

t.test('what happened is found wherever it is said', async (t) => {
  const refused = /^nothing listens on /;
  const both = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]);
  t.match(describeConnectionError(failed(both), base), refused, 'the first address of several');
  t.match(describeConnectionError(coded('ECONNREFUSED'), base), refused, 'without a cause');
  const rows: readonly (readonly [error: Error, reason: string])[] = [
    [failed(new Error('other side closed')), 'other side closed'],
    [failed(new Error('')), 'fetch failed'],
    [failed('a text'), 'fetch failed'],
    [failed(new AggregateError([])), 'fetch failed'],
  ];
  for (const [error, reason] of rows) {
    t.equal(
      describeConnectionError(error, base),
      `the admin API on 127.0.0.1:15000 cannot be asked: ${reason}`,
    );
  }
});

t.test('a refusal says what the API said, or that it is not the API', async (t) => {
  const rows: readonly (readonly [status: number, body: string, said: string])[] = [
    [400, '{"error":"filter: a value is expected"}', 'filter: a value is expected'],
    [404, '{"error":"no resource"}', 'no resource'],
    [403, 'the host "a" is not allowed\nmore\n', 'the host "a" is not allowed'],
    [404, '<html>not found</html>', notTheApi(base)],
    [404, '{"error":{"code":5}}', notTheApi(base)],
    [500, 'oh no\nat line 1', 'the admin API answered 500: oh no'],
    [502, '', 'the admin API answered 502: '],
    [500, 'null', 'the admin API answered 500: null'],
  ];
  for (const [status, body, said] of rows) {
    t.equal(await describeRefusal(new Response(body, { status }), base), said, body);
  }
});

t.test('a refusal whose body cannot be read is one without a body', async (t) => {
  const broken = new ReadableStream({ start: (body) => body.error(new Error('cut')) });
  const said = await describeRefusal(new Response(broken, { status: 503 }), base);
  t.equal(said, 'the admin API answered 503: ');
});
