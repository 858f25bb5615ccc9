import t from 'tap';
import {
  describeConnectionError,
  describeRefusal,
  notTheApi,
} from '../../../src/admin/api/client-error.ts';

const base = 'http://127.0.0.1:15000';

function coded(code: string, message = 'connect'): Error {
  return Object.assign(new Error(message), { code });
}

t.test('each way not to be answered has its own advice', async (t) => {
  const rows: readonly (readonly [error: Error, said: RegExp])[] = [
    [coded('ECONNREFUSED'), /^nothing listens on 127\.0\.0\.1:15000: start the proxy/],
    [coded('ENOTFOUND'), /^the name in 127\.0\.0\.1:15000 is not known: give/],
    [coded('EAI_AGAIN'), /^the name in 127\.0\.0\.1:15000 is not known: give/],
    [coded('ETIMEDOUT'), /^127\.0\.0\.1:15000 cannot be reached: .*loopback/],
    [coded('EHOSTUNREACH'), /^127\.0\.0\.1:15000 cannot be reached: /],
    [coded('ENETUNREACH'), /^127\.0\.0\.1:15000 cannot be reached: /],
    [coded('ERR_INVALID_URL'), /^"127\.0\.0\.1:15000" is no address: write HOST:PORT/],
    [
      coded('HPE_INVALID_CONSTANT'),
      /^what answers on 127\.0\.0\.1:15000 is not the admin API of this/,
    ],
    [coded('ECONNRESET'), /^the admin API on 127\.0\.0\.1:15000 cannot be asked: ECONNRESET$/],
  ];
  for (const [error, said] of rows) t.match(describeConnectionError(error, base), said);
});

t.test('what has no code is told by its message', async (t) => {
  t.equal(
    describeConnectionError(new Error('no answer within 60 s'), base),
    'the admin API on 127.0.0.1:15000 cannot be asked: no answer within 60 s',
  );
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
