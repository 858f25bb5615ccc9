import t from 'tap';
import {
  expectedTimeoutMs,
  requestTimeoutMs,
  setExpectedTimeout,
  takeTimeoutMs,
} from '../../../src/proxy/timeouts/request-timeout.ts';
import { headerList } from '../../support/header-lists.ts';

function grpcRequest(timeout: string) {
  return headerList({ 'content-type': 'application/grpc', 'grpc-timeout': timeout });
}

t.test('units of a gRPC timeout', async (t) => {
  const rows: readonly (readonly [text: string, ms: number])[] = [
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3_000],
    ['4m', 4],
    ['5000u', 5],
    ['6000000n', 6],
    ['1u', 1],
    ['99999999S', 99_999_999_000],
  ];
  for (const [text, ms] of rows) t.equal(requestTimeoutMs(0, grpcRequest(text)), ms, text);
});

t.test('a gRPC timeout that is none is ignored', async (t) => {
  for (const text of ['', 'S', '1', '1s', '-1S', '1.5S', '123456789S', '1 S', 'S1', '0x1S']) {
    t.equal(requestTimeoutMs(700, grpcRequest(text)), 700, text);
  }
});

t.test('a gRPC client may shorten the route timeout, not lengthen it', async (t) => {
  t.equal(requestTimeoutMs(700, grpcRequest('100m')), 100);
  t.equal(requestTimeoutMs(700, grpcRequest('1S')), 700);
  t.equal(requestTimeoutMs(0, grpcRequest('1S')), 1000, 'the route has none');
});

t.test('other clients have no say', async (t) => {
  t.equal(requestTimeoutMs(700, headerList({ 'grpc-timeout': '100m' })), 700);
  t.equal(requestTimeoutMs(0, headerList()), 0);
});

t.test('the expected timeout of a try is the shorter of two limits', async (t) => {
  t.equal(expectedTimeoutMs(0, 0), 0);
  t.equal(expectedTimeoutMs(500, 0), 500);
  t.equal(expectedTimeoutMs(0, 200), 200);
  t.equal(expectedTimeoutMs(500, 200), 200);
  t.equal(expectedTimeoutMs(100, 200), 100);
});

t.test('no time at all is no limit', async (t) => {
  t.equal(requestTimeoutMs(700, grpcRequest('0m')), 700);
  t.equal(requestTimeoutMs(0, grpcRequest('0S')), 0);
});

t.test('the endpoint is told how long it has', async (t) => {
  const plain = headerList({ 'grpc-timeout': '9S' });
  setExpectedTimeout(plain, 0);
  t.same(plain.flat, ['grpc-timeout', '9S'], 'no limit, no word');
  setExpectedTimeout(plain, 250);
  t.equal(plain.get('x-envoy-expected-rq-timeout-ms'), '250');
  t.equal(plain.get('grpc-timeout'), '9S', 'which is not for others');
  const grpc = grpcRequest('9S');
  setExpectedTimeout(grpc, 250);
  t.equal(grpc.get('grpc-timeout'), '250m');
  setExpectedTimeout(grpc, 100_000_000);
  t.equal(grpc.get('grpc-timeout'), '100000S', 'eight digits at most');
});

t.test('a limit of an internal client', async (t) => {
  const name = 'x-envoy-upstream-rq-timeout-ms';
  const rows: readonly (readonly [value: string, ms: number])[] = [
    ['100', 100],
    ['0', 0],
    ['bad', 700],
    ['-1', 700],
    ['99999999999999999999', 2 ** 31 - 1],
  ];
  for (const [value, ms] of rows) {
    const headers = headerList({ [name]: value });
    t.equal(takeTimeoutMs(headers, name, 700), ms, value);
    t.notOk(headers.has(name), 'it ends here');
  }
  t.equal(takeTimeoutMs(headerList(), name, 700), 700);
});
