import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { painter } from '../../../src/cli/output/color.ts';
import { tapHeader, tapLine } from '../../../src/cli/tap/tap-line.ts';
import { testRecord } from '../../telemetry/traffic/request-record-fixture.ts';

const plain = painter(false);
const whole = Number.POSITIVE_INFINITY;

t.test('a line stands below its titles', async (t) => {
  const record = testRecord({
    failedAttempts: [],
    timings: { requestMs: 1, upstreamMs: 3.456, responseMs: 2 },
  });
  const [header, line] = [tapHeader(), tapLine(record, plain, whole)];
  const at = (title: string, width: number): string => {
    const start = header.indexOf(title);
    return line.slice(start, start + width).trim();
  };
  t.match(at('TIME', 12), /^\d\d:34:05\.007$/);
  t.equal(at('STATUS', 6), '503');
  t.equal(at('FLAGS', 6), 'URX,UF');
  t.equal(at('ROUTE', 16), 'reviews-canary');
  t.match(line, /503 {2}URX,UF {4}121 ms {6}3 ms {6}3 {2}reviews-canary {4}127/);
  t.equal(at('ENDPOINT', 16), '127.0.0.1:9080');
  t.equal(line.slice(header.indexOf('REQUEST')), 'GET bookinfo.example/reviews/7?full=1');
});

t.test('attempts that failed stand behind the request', async (t) => {
  const line = tapLine(testRecord(), plain, whole);
  t.match(line, /full=1 {2}\(before: 127\.0\.0\.1:9081 connect-refused, 127\.0\.0\.1:9082 503\)$/);
});

t.test('gRPC, TCP and what got no response', async (t) => {
  t.match(tapLine(testRecord({ status: 200, grpcStatus: 14 }), plain, whole), /\s200\/14 {2}/);
  const silent = { status: 0, flags: ['DC'], endpoint: null, route: '', virtualHost: 'a:80' };
  t.match(tapLine(testRecord(silent), plain, whole), /\s- {2}DC .* 3 {2}a:80 {14}- {17}GET/);
  const empty = { method: '', path: '', authority: '', status: 0, flags: [], failedAttempts: [] };
  t.match(tapLine(testRecord({ ...empty, protocol: 'TCP' }), plain, whole), / {2}TCP$/);
});

t.test('the path of the client is shown where it was rewritten', async (t) => {
  t.match(tapLine(testRecord({ originalPath: '/v1/reviews' }), plain, whole), 'example/v1/reviews');
});

t.test('a line is cut at the width of the terminal, and its colours are not', async (t) => {
  const width = 40;
  const text = tapLine(testRecord(), plain, width);
  t.equal(text.length, width);
  const colored = tapLine(testRecord(), painter(true), width);
  t.match(colored, '\u001b[31m   503\u001b[0m');
  t.equal(stripVTControlCharacters(colored), text);
});

t.test('what a client sent cannot move the cursor', async (t) => {
  const line = tapLine(testRecord({ path: '/\u001b[2J\r\nfake' }), plain, whole);
  t.equal(line, stripVTControlCharacters(line));
  t.notMatch(line, /[\r\n]/);
});

t.test('statuses are coloured as bad as they are', async (t) => {
  const paint = painter(true);
  const colorOf = (status: number): string | undefined =>
    /\[(\d+)m/.exec(tapLine(testRecord({ status, flags: [] }), paint, whole))?.[1];
  t.same([200, 301, 404, 503, 0].map(colorOf), ['32', '36', '33', '31', '31']);
});
