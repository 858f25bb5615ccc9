import t from 'tap';
import { unicodeFromWire } from '../../../src/base/wire-text.ts';
import { HeaderList } from '../../../src/http1/header-list.ts';
import { compileLineFormat } from '../../../src/telemetry/access-log/access-log-format.ts';
import type { StreamInfo } from '../../../src/telemetry/stream-info.ts';
import { testStreamInfo } from '../stream-info-fixture.ts';

function render(encoding: 'text' | 'json', format: string | null, info: StreamInfo): string {
  const compiled = compileLineFormat({ encoding, format });
  return compiled.ok ? compiled.value.format(info) : compiled.error.message;
}

t.test("Istio's default text line", (t) => {
  t.equal(
    render('text', null, testStreamInfo()),
    '[2026-11-21T10:34:05.007Z] "GET /ratings/7?full=1 HTTP/1.1" 200 - via_upstream - "-" 0 23 12 9 ' +
      '"10.0.0.1" "curl/8.0 (test)" "4682c01b-23fb-4ad1-8c95-91d7fb8ebbff" "reviews:9080" ' +
      '"127.0.0.1:9080" outbound|9080|v1|reviews.default.svc.cluster.local 127.0.0.1:40000 ' +
      '127.0.0.1:15001 127.0.0.1:50000 - canary\n',
  );
  t.end();
});

t.test("Istio's default JSON line has numbers where Envoy has them", (t) => {
  const line = JSON.parse(render('json', null, testStreamInfo())) as Record<string, unknown>;
  t.match(line, { response_code: 200, bytes_sent: 23, duration: 12, upstream_service_time: '9' });
  t.equal(line['requested_server_name'], null);
  t.equal(line['response_flags'], '-');
  t.equal(Object.keys(line).length, 24);
  t.end();
});

t.test('a text format without a newline gets one', (t) => {
  t.equal(render('text', '%RESPONSE_CODE%', testStreamInfo()), '200\n');
  t.equal(render('text', '%RESPONSE_CODE%\n', testStreamInfo()), '200\n');
  t.end();
});

t.test('a JSON format keeps its shape, its constants and the order of names', (t) => {
  const format = JSON.stringify({
    z: '%RESPONSE_CODE%',
    nested: { list: ['%REQ(:METHOD)%', 1, true, null], empty: {} },
    mixed: '<%RESPONSE_CODE%|%REQ(X-MISSING)%>',
    fixed: '100%%',
  });
  t.equal(
    render('json', format, testStreamInfo()),
    '{"fixed":"100%","mixed":"<200|->","nested":{"empty":{},"list":["GET",1,true,null]},"z":200}\n',
  );
  t.end();
});

t.test('JSON values are escaped and are UTF-8', (t) => {
  const info = testStreamInfo();
  info.requestHeaders = new HeaderList();
  info.requestHeaders.append('user-agent', Buffer.from('"Zoë"\t\\', 'utf8').toString('latin1'));
  const format = '{"ua":"%REQ(USER-AGENT)%","naïve":"é","list":["%PROTOCOL%","ü"]}';
  const parse = (): unknown => JSON.parse(unicodeFromWire(render('json', format, info)));
  const rest = { naïve: 'é', list: ['HTTP/1.1', 'ü'] };
  t.same(parse(), { ua: '"Zoë"\t\\', ...rest });
  info.requestHeaders.set('user-agent', '\xff');
  t.same(parse(), { ua: '\ufffd', ...rest });
  t.end();
});

t.test('what is no format is refused', (t) => {
  t.match(render('json', '{', testStreamInfo()), /^the format is no JSON/);
  t.match(render('json', '["%PROTOCOL%"]', testStreamInfo()), /must be an object/);
  t.match(render('json', '{"a":{"b":"%X%"}}', testStreamInfo()), /%X% is no operator/);
  t.match(render('text', '%X%', testStreamInfo()), /%X% is no operator/);
  t.end();
});
