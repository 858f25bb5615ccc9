import t from 'tap';
import { HeaderList } from '../../../src/http1/header-list.ts';
import type { HttpSettings } from '../../../src/model/http-settings.ts';
import { DateHeader } from '../../../src/proxy/downstream/date-header.ts';
import {
  buildDownstreamHead,
  buildUpgradeHead,
  type DownstreamHeadOptions,
  removeConnectionFields,
} from '../../../src/proxy/headers/downstream-head.ts';
import { headerList } from '../../support/header-lists.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { httpSettings } from '../../support/mesh-models.ts';

const now = 'Sun, 06 Nov 1994 08:49:37 GMT';
const date = new DateHeader(new ManualClock(0, Date.parse(now)));

function build(
  headers: HeaderList,
  changes: Partial<DownstreamHeadOptions> = {},
  settings: HttpSettings = httpSettings(),
): string {
  const plain = { settings, date, close: false, chunked: false, empty: false };
  return buildDownstreamHead(200, headers, { ...plain, ...changes });
}

t.test('connection fields of the upstream do not pass', async (t) => {
  const headers = headerList({
    connection: 'keep-alive',
    'x-a': '1',
    'keep-alive': 'timeout=5',
    'proxy-connection': 'close',
    'x-b': '2',
    'transfer-encoding': 'chunked',
    upgrade: 'h2c',
  });
  removeConnectionFields(headers);
  t.same(headers.flat, ['x-a', '1', 'x-b', '2']);
});

t.test('repeated lines of fields with one value become one', async (t) => {
  const headers = new HeaderList();
  const lines = [
    ...['vary=a', 'set-cookie=1', 'vary=', 'vary=b', 'set-cookie=2', 'etag=', 'etag="e"'],
    ...['date=7', 'date=8'],
  ];
  for (const line of lines) {
    const [name = '', value = ''] = line.split('=', 2);
    headers.append(name, value);
  }
  removeConnectionFields(headers);
  t.same(headers.flat, [
    ...['vary', 'a,b', 'set-cookie', '1'],
    ...['set-cookie', '2', 'etag', '"e"', 'date', '7,8'],
  ]);
});

t.test('a 204 has no content-length', async (t) => {
  const plain = { settings: httpSettings(), date, close: false, chunked: false, empty: false };
  const head = buildDownstreamHead(204, headerList({ 'content-length': '0', 'x-a': '1' }), plain);
  t.equal(head, `HTTP/1.1 204 No Content\r\nx-a: 1\r\ndate: ${now}\r\nserver: istio-envoy\r\n\r\n`);
});

t.test('every response carries a date and the name of the proxy', async (t) => {
  t.equal(
    build(headerList({ 'content-length': '0' })),
    `HTTP/1.1 200 OK\r\ncontent-length: 0\r\ndate: ${now}\r\nserver: istio-envoy\r\n\r\n`,
  );
});

t.test('a date of the upstream stays, its name does not', async (t) => {
  const head = build(headerList({ server: 'nginx', date: 'then' }));
  t.equal(head, 'HTTP/1.1 200 OK\r\nserver: istio-envoy\r\ndate: then\r\n\r\n');
});

t.test('the name of the upstream stays where settings say so', async (t) => {
  const settings = httpSettings({ overwriteServer: false });
  t.match(build(headerList({ server: 'nginx' }), {}, settings), 'server: nginx\r\n');
  t.match(build(headerList(), {}, settings), 'server: istio-envoy\r\n');
});

t.test('the end of the connection and the framing are announced', async (t) => {
  t.match(build(headerList(), { close: true }), 'connection: close\r\n');
  t.match(build(headerList(), { chunked: true }), 'transfer-encoding: chunked\r\n');
  t.match(build(headerList(), { empty: true }), 'content-length: 0\r\n');
  const both = build(headerList(), { chunked: true, empty: true });
  t.notMatch(both, 'content-length');
});

t.test('an upgrade passes with its connection fields, and a date', async (t) => {
  const upgrade = { connection: 'upgrade', upgrade: 'websocket' };
  for (const [own, sent] of [
    [{}, now],
    [{ date: 'then' }, 'then'],
  ] as const) {
    const head = buildUpgradeHead(
      {
        status: 101,
        reason: 'Go ahead',
        minorVersion: 1,
        headers: headerList({ ...upgrade, ...own }),
        framing: { kind: 'none' },
        keepAlive: true,
        connectionNames: null,
      },
      httpSettings(),
      date,
    );
    t.equal(
      head,
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
        `date: ${sent}\r\nserver: istio-envoy\r\n\r\n`,
    );
  }
});
