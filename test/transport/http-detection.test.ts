import t from 'tap';
import { type HttpDetection, HttpDetector } from '../../src/transport/http-detection.ts';

function detect(text: string): HttpDetection {
  return new HttpDetector().read(Buffer.from(text, 'latin1'));
}

const http: readonly string[] = [
  'GET / HTTP/1.1\r\n',
  'GET / HTTP/1.1\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n',
  'PATCH http://a/\xe9?x HTTP/1.1\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
];

t.test('the first line of a request, and the preface of HTTP/2', async (t) => {
  for (const text of http) {
    t.equal(detect(text), 'http', JSON.stringify(text));
    const end = text.startsWith('PRI') ? text.length : text.indexOf('\n');
    const detector = new HttpDetector();
    const bytes = Buffer.from(text, 'latin1');
    for (let length = 0; length < end; length++) {
      const outcome = detector.read(bytes.subarray(0, length));
      const isEarly = outcome === 'http' && text[length - 1] === '\r';
      if (outcome !== 'incomplete' && !isEarly) t.fail(`${text}: ${length}`);
    }
    t.equal(detector.read(bytes), 'http');
  }
});

t.test('anything else is seen as early as may be', async (t) => {
  const rows = [
    ...['a', 'get / HTTP/1.1\r\n', 'GETS', '\r\n', '\0', 'GET\t', 'GE T / HTTP/1.1\r\n'],
    ...['GET  / HTTP/1.1\r\n', 'GET /\r', 'GET / \r', 'GET / HTTP/1.0', 'GET / HTTP/2', 'GET / X'],
    ...['GET / HTTP/1.1x', 'GET / HTTP/1.1 ', 'PRI * HTTP/2.0\r\n\r\nXX', 'X'.repeat(70)],
    ...['FOO / HTTP/1.1\r\n'],
  ];
  for (const text of rows) t.equal(detect(text), 'not-http', JSON.stringify(text));
});
