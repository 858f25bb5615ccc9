/**
 * Nanoseconds for each head parsed and written, and for each small chunked body. Run it with
 * `node bench/micro/http1.ts`.
 */

import { writeRequestHead, writeResponseHead } from '../../src/http1/head-writer.ts';
import { HeaderList } from '../../src/http1/header-list.ts';
import { RequestParser } from '../../src/http1/request-parser.ts';
import { ResponseParser } from '../../src/http1/response-parser.ts';
import { defaultLimits } from '../../src/model/limits.ts';

const rounds = 7;
const iterations = 200_000;

const smallHead =
  'GET /productpage?u=normal HTTP/1.1\r\nHost: bookinfo.example.com\r\nUser-Agent: curl/8.5.0\r\n' +
  'Accept: */*\r\nX-Request-Id: 4bf92f35-77b3-4da6-a3ce-929d0e0e4736\r\n' +
  'Accept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n';

const largeHead =
  'GET /api/v1/products/0/reviews?page=2&sort=newest HTTP/1.1\r\nHost: shop.example.com\r\n' +
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0\r\n' +
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n' +
  'Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n' +
  'Referer: http://shop.example.com/products\r\nConnection: keep-alive\r\n' +
  'Cookie: session=c0ffee1234567890; user=jason; theme=dark\r\nUpgrade-Insecure-Requests: 1\r\n' +
  'Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\n' +
  'Priority: u=0, i\r\nX-Tenant-Name: blue\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n';

const response =
  'HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sun, 01 Mar 2026 10:00:00 GMT\r\n' +
  'Content-Type: text/plain\r\nContent-Length: 23\r\nConnection: keep-alive\r\n\r\n' +
  'Hello from the endpoint';

const chunkedRequest =
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
  '5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n';

let sink = 0;

const requests = new RequestParser(
  {
    onRequestHead: (head) => {
      sink += head.headers.flat.length;
    },
    onRequestBody: (_bytes, start, end) => {
      sink += end - start;
    },
    onRequestEnd: () => requests.next(),
    onRequestError: (error) => {
      throw new Error(error.code);
    },
  },
  defaultLimits,
);

const responses = new ResponseParser(
  {
    onInformational: () => {},
    onResponseHead: (head) => {
      sink += head.status;
    },
    onResponseBody: (_bytes, start, end) => {
      sink += end - start;
    },
    onResponseEnd: () => {},
    onResponseError: (error) => {
      throw new Error(error.code);
    },
  },
  defaultLimits,
);

function measure(name: string, work: () => void): void {
  for (let i = 0; i < iterations; i++) work();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < iterations; i++) work();
    times.push(Number(process.hrtime.bigint() - start) / iterations);
  }
  times.sort((a, b) => a - b);
  const median = times[rounds >> 1] as number;
  const least = times[0] as number;
  console.log(`${name.padEnd(34)} ${median.toFixed(0).padStart(6)} ns (least ${least.toFixed(0)})`);
}

function measureRequest(name: string, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  measure(`${name}, ${bytes.length} bytes`, () => requests.push(bytes, 0, bytes.length));
}

measureRequest('parse 6 headers', smallHead);
measureRequest('parse 15 headers', largeHead);
measureRequest('parse chunked body', chunkedRequest);

const responseBytes = Buffer.from(response, 'latin1');
measure(`parse response, ${responseBytes.length} bytes`, () => {
  responses.expect('GET');
  responses.push(responseBytes, 0, responseBytes.length);
});

const out = Buffer.allocUnsafe(4096);
const headers = new HeaderList();
for (const line of smallHead.split('\r\n').slice(1, -2)) {
  const [name, value] = line.split(': ') as [string, string];
  headers.append(name.toLowerCase(), value);
}
measure('write request head', () => {
  sink += out.write(writeRequestHead('GET', '/productpage?u=normal', headers), 'latin1');
});
measure('write response head', () => {
  sink += out.write(writeResponseHead(200, 'OK', headers), 'latin1');
});
if (sink === 0) console.log('nothing was parsed');
