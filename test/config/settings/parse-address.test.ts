import t, { type Test } from 'tap';
import type { Result } from '../../../src/base/result.ts';
import {
  parseEndpointAddress,
  parseHost,
  parseInbound,
  parseLabels,
  parseOutbound,
  parsePair,
  parsePort,
  parseSocketAddress,
} from '../../../src/config/settings/parse-address.ts';

/** What a text is parsed to, or the error that is expected. */
type Row = readonly [text: string, expected: unknown];

function check(t: Test, parse: (text: string) => Result<unknown, string>, rows: Row[]): void {
  for (const [text, expected] of rows) {
    const parsed = parse(text);
    const actual = parsed.ok ? parsed.value : parsed.error;
    if (expected instanceof RegExp) {
      t.notOk(parsed.ok, `"${text}" is refused`);
      t.match(actual, expected, `"${text}"`);
    } else t.strictSame(actual, expected, `"${text}"`);
  }
}

t.test('ports', async (t) => {
  check(t, parsePort, [
    ['0', 0],
    ['65535', 65_535],
    ['65536', /"65536" is not a port \(0 to 65535\)/],
    ['-1', /not a port/],
    ['', /not a port/],
    ['8e1', /not a port/],
    [' 80', /not a port/],
  ]);
  check(t, (text) => parsePort(text, 1), [
    ['1', 1],
    ['0', /\(1 to 65535\)/],
  ]);
});

t.test('hosts are IP addresses', async (t) => {
  check(t, parseHost, [
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['localhost', '127.0.0.1'],
    ['web', /"web" is not an IP address or localhost/],
    ['1.2.3', /not an IP address/],
    ['', /not an IP address/],
  ]);
});

t.test('addresses with a port', async (t) => {
  check(t, parseSocketAddress, [
    ['127.0.0.1:80', { address: '127.0.0.1', port: 80 }],
    ['[::1]:80', { address: '::1', port: 80 }],
    ['localhost:80', { address: '127.0.0.1', port: 80 }],
    [':80', { address: '0.0.0.0', port: 80 }],
    ['127.0.0.1', /has no port: write IP:PORT/],
    ['127.0.0.1:', /"" is not a port/],
    ['127.0.0.1:http', /"http" is not a port/],
    ['::1:80', /put the address in brackets: \[::1\]:80/],
    ['db.example:80', /"db.example" is no IP address: write IP:PORT or localhost:PORT/],
    ['', /has no port/],
  ]);
});

t.test('endpoints have a certain address and port', async (t) => {
  check(t, parseEndpointAddress, [
    ['127.0.0.1:9080', { address: '127.0.0.1', port: 9080 }],
    ['localhost:9080', { address: '127.0.0.1', port: 9080 }],
    ['127.0.0.1:0', /port 0, where nothing can listen/],
    [':9080', /has no address: write 127.0.0.1:9080/],
    ['[::]:9080', /has no address/],
  ]);
});

t.test('bindings', async (t) => {
  check(t, parseOutbound, [
    ['127.0.0.1:15001', { address: '127.0.0.1', port: 15_001, servicePort: null }],
    ['127.0.0.1:0=80', { address: '127.0.0.1', port: 0, servicePort: 80 }],
    ['127.0.0.1:15001=0', /"0" is not a port \(1 to 65535\)/],
    ['127.0.0.1:15001=', /"" is not a port/],
    ['127.0.0.1:15001=80=81', /"80=81" is not a port/],
  ]);
  check(t, parseInbound, [
    ['127.0.0.1:15006=8080', { address: '127.0.0.1', port: 15_006, appPort: 8080 }],
    ['127.0.0.1:15006', /has no application port: write ADDR:PORT=APP_PORT/],
    ['here:1=2', /no IP address/],
  ]);
});

t.test('pairs and labels', async (t) => {
  check(t, (text) => parsePair(text, 'K=V'), [
    ['a=b', ['a', 'b']],
    ['a=b=c', ['a', 'b=c']],
    ['a', /"a" is not of the form K=V/],
    ['=b', /not of the form/],
    ['a=', /not of the form/],
  ]);
  check(t, parseLabels, [
    ['app=web,version=v1', { app: 'web', version: 'v1' }],
    [' app=web , version=v1,', { app: 'web', version: 'v1' }],
    ['empty=', { empty: '' }],
    ['', {}],
    ['app', /"app" is not of the form key=value/],
    ['app=web,=x', /"=x" is not of the form key=value/],
  ]);
});
