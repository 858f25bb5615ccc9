/** Which header blocks are well-formed, and what becomes of a stream whose block is not. */

import t from 'tap';
import { HeadRules } from '../../src/http2/head-rules.ts';
import { flag } from '../../src/http2/protocol.ts';
import { data, getFields, headers, postFields } from './frames.ts';
import { SessionProbe } from './session-probe.ts';

/** `name value` lines, `:` before pseudo-header fields. */
function fieldsOf(...lines: string[]): string[] {
  return lines.flatMap((line) => {
    const at = line.indexOf(' ', 1);
    return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
  });
}

const get = [':method GET', ':scheme http', ':path /', ':authority a.example'];

/** The usual request with one pseudo-header field replaced. */
function withField(line: string): string[] {
  const name = line.slice(0, line.indexOf(' ', 1));
  return fieldsOf(...get.filter((each) => !each.startsWith(`${name} `)), line);
}

function without(name: string, ...lines: string[]): string[] {
  return fieldsOf(...get.filter((each) => !each.startsWith(`${name} `)), ...lines);
}

t.test('requests that are well-formed', async (t) => {
  const cases: readonly (readonly string[])[] = [
    getFields,
    withField(':scheme ftp'),
    withField(':path /%20?a=b#c"{}'),
    withField(':path //a/../b'),
    withField(':authority [::1]:8080'),
    withField(':method PROPFIND'),
    without(':authority', 'host a.example'),
    fieldsOf(':method OPTIONS', ':scheme http', ':path *', ':authority a.example'),
    fieldsOf(':method CONNECT', ':authority a.example:443'),
    fieldsOf(...get, 'host b.example', 'te Trailers', 'x_under-score 1', 'x-empty'),
    fieldsOf(...get, 'x-bytes a\tb\xff', 'cookie a=b', 'cookie c=d', 'content-length 0'),
  ];
  for (const fields of cases) {
    t.equal(new HeadRules(100).checkRequest(fields, false), null, fields.join(' '));
  }
});

t.test('requests that are malformed', async (t) => {
  const cases: readonly [kind: string, fields: readonly string[]][] = [
    ['pseudo-field', []],
    ['pseudo-field', without(':method')],
    ['pseudo-field', without(':scheme')],
    ['pseudo-field', without(':path')],
    ['pseudo-field', without(':authority')],
    ['pseudo-field', fieldsOf(...get, ':path /b')],
    ['pseudo-field', fieldsOf(...get, ':method GET')],
    ['pseudo-field', fieldsOf(...get, ':scheme http')],
    ['pseudo-field', fieldsOf(...get, ':authority a.example')],
    ['pseudo-field', fieldsOf(...get, ':status 200')],
    ['pseudo-field', fieldsOf(...get, ':unknown 1')],
    ['pseudo-field', fieldsOf(...get, ': 1')],
    ['pseudo-field', fieldsOf('x-early 1', ...get)],
    ['pseudo-field', fieldsOf(...get, ':protocol websocket')],
    ['pseudo-field', fieldsOf(':method CONNECT', ':authority a:1', ':path /')],
    ['pseudo-field', fieldsOf(':method CONNECT', ':authority a:1', ':scheme http')],
    ['pseudo-field', fieldsOf(':method CONNECT')],
    ['method', withField(':method GE T')],
    ['method', withField(':method ')],
    ['scheme', withField(':scheme ')],
    ['scheme', withField(':scheme ht:tp')],
    ['scheme', withField(':scheme 1http')],
    ['path', withField(':path ')],
    ['path', withField(':path noslash')],
    ['path', withField(':path *')],
    ['path', withField(':path http://a.example/')],
    ['path', withField(':path /a b')],
    ['path', withField(':path /\xe4')],
    ['authority', withField(':authority ')],
    ['authority', withField(':authority user@a.example')],
    ['authority', withField(':authority a.example/b')],
    ['authority', without(':authority', 'host ')],
    ['authority', fieldsOf(...get, 'host a b')],
    ['authority', fieldsOf(...get, 'host')],
    ['authority', fieldsOf(...get, 'host a', 'host a')],
    ['authority', without(':authority', 'host a', 'host b')],
    ['authority', fieldsOf(':method CONNECT', ':authority a b')],
    ['field-name', fieldsOf(...get, 'X-Upper 1')],
    ['field-name', [...fieldsOf(...get), '', '1']],
    ['field-name', [...fieldsOf(...get), 'x y', '1']],
    ['field-name', fieldsOf(...get, 'x:y 1')],
    ['field-name', fieldsOf(...get, 'x\xe4 1')],
    ['field-name', fieldsOf(...get, 'x\0 1')],
    ['field-value', fieldsOf(...get, 'x a\0b')],
    ['field-value', fieldsOf(...get, 'x a\nb')],
    ['field-value', fieldsOf(...get, 'x a\rb')],
    ['field-value', fieldsOf(...get, 'x a\x7fb')],
    ['field-value', fieldsOf(...get, 'x  a')],
    ['field-value', fieldsOf(...get, 'x a ')],
    ['field-value', fieldsOf(...get, 'x \ta')],
    ['field-value', fieldsOf(...get, 'x a\t')],
    ['path', withField(':path /\0')],
    ['method', withField(':method GET\n')],
    ['connection-field', fieldsOf(...get, 'connection close')],
    ['connection-field', fieldsOf(...get, 'keep-alive 1')],
    ['connection-field', fieldsOf(...get, 'proxy-connection close')],
    ['connection-field', fieldsOf(...get, 'transfer-encoding chunked')],
    ['connection-field', fieldsOf(...get, 'upgrade h2c')],
    ['connection-field', fieldsOf(...get, 'te gzip')],
    ['connection-field', fieldsOf(...get, 'te trailers, gzip')],
    ['content-length', fieldsOf(...get, 'content-length')],
    ['content-length', fieldsOf(...get, 'content-length -1')],
    ['content-length', fieldsOf(...get, 'content-length 1x')],
    ['content-length', fieldsOf(...get, 'content-length 1, 1')],
    ['content-length', fieldsOf(...get, `content-length ${'9'.repeat(20)}`)],
    ['content-length', fieldsOf(...get, 'content-length 1', 'content-length 1')],
  ];
  for (const [kind, fields] of cases) {
    t.equal(new HeadRules(100).checkRequest(fields, false), kind, JSON.stringify(fields));
  }
});

t.test('extended CONNECT, where it is allowed', async (t) => {
  const connect = fieldsOf(
    ...[':method CONNECT', ':protocol websocket', ':scheme http', ':path /chat', ':authority a'],
  );
  const rules = new HeadRules(100);
  t.equal(rules.checkRequest(connect, true), null);
  t.equal(rules.checkRequest(connect, false), 'pseudo-field');
  t.equal(rules.checkRequest(connect.slice(0, -4), true), 'pseudo-field');
  t.equal(rules.checkRequest(connect.with(3, 'web socket'), true), 'pseudo-field');
  t.equal(rules.checkRequest(fieldsOf(...get, ':protocol websocket'), true), 'pseudo-field');
});

t.test('responses', async (t) => {
  const cases: readonly [kind: string | null, fields: readonly string[]][] = [
    [null, fieldsOf(':status 200', 'content-length 5')],
    [null, fieldsOf(':status 103')],
    [null, fieldsOf(':status 599')],
    ['status', fieldsOf(':status 101')],
    ['status', fieldsOf(':status 600')],
    ['status', fieldsOf(':status 99')],
    ['status', fieldsOf(':status 2000')],
    ['status', fieldsOf(':status')],
    ['pseudo-field', fieldsOf('content-length 5')],
    ['pseudo-field', fieldsOf(':status 200', ':path /')],
    ['pseudo-field', fieldsOf(':status 200', ':status 200')],
    ['connection-field', fieldsOf(':status 200', 'connection close')],
    ['field-name', fieldsOf(':status 200', 'Date x')],
  ];
  for (const [kind, fields] of cases) {
    t.equal(new HeadRules(100).checkResponse(fields), kind, fields.join(' '));
  }
});

t.test('trailers', async (t) => {
  const rules = new HeadRules(100);
  t.equal(rules.checkTrailers(fieldsOf('grpc-status 0', 'grpc-message')), null);
  t.equal(rules.checkTrailers([]), null);
  t.equal(rules.checkTrailers(fieldsOf(':path /')), 'pseudo-field');
  t.equal(rules.checkTrailers(fieldsOf(':status 200')), 'pseudo-field');
  t.equal(rules.checkTrailers(fieldsOf('transfer-encoding chunked')), 'connection-field');
  t.equal(rules.checkTrailers(fieldsOf('x a\nb')), 'field-value');
});

t.test('a field with neither name nor value, in a place where none was yet', async (t) => {
  for (const [name, value] of [
    ['', ''],
    ['\0', '\0'],
  ] as const) {
    const field = [name, value];
    const text = JSON.stringify(field);
    t.equal(new HeadRules(100).checkRequest([...getFields, ...field], false), 'field-name', text);
    t.equal(new HeadRules(100).checkResponse([':status', '200', ...field]), 'field-name', text);
    t.equal(new HeadRules(100).checkTrailers(field), 'field-name', text);
  }
  const probe = new SessionProbe();
  probe.receive(headers(1, [...getFields, '', '']));
  probe.receive(headers(3, postFields, flag.endHeaders), headers(3, ['', '']));
  t.match(probe.events, ['malformed 1 field-name', /^stream 3/, 'malformed 3 field-name']);
});

t.test('what was valid in one block is judged by its place and bytes in the next', async (t) => {
  const rules = new HeadRules(100);
  const first = [...getFields, 'x-one', 'a', 'x-two', 'b', 'te', 'trailers'];
  t.equal(rules.checkRequest(first, false), null);
  t.equal(rules.checkRequest(first, false), null);
  t.equal(rules.checkRequest(first.with(9, 'a\n'), false), 'field-value');
  t.equal(rules.checkRequest(first.with(8, 'X-One'), false), 'field-name');
  t.equal(rules.checkRequest(first.with(13, 'gzip'), false), 'connection-field');
  t.equal(rules.checkRequest(first.with(12, 'connection'), false), 'connection-field');
  t.equal(rules.checkRequest(first.with(7, 'a b'), false), 'authority');
  t.equal(rules.checkRequest([...first, ':path', '/'], false), 'pseudo-field');
  t.equal(rules.checkRequest([...first.slice(8), ...getFields], false), 'pseudo-field');
  t.equal(rules.checkRequest([...getFields, 'x', 'y'.repeat(1000)], false), null);
  t.equal(rules.checkRequest(first, false), null);
});

t.test('one block says nothing of the next', async (t) => {
  const rules = new HeadRules(100);
  t.equal(rules.checkRequest([...getFields, 'host', 'a', 'content-length', '5'], false), null);
  t.equal(rules.checkRequest([...getFields, 'host', 'b', 'content-length', '5'], false), null);
  t.equal(rules.contentLength, 5);
  t.equal(rules.checkRequest(getFields.slice(2), false), 'pseudo-field');
  t.equal(rules.contentLength, -1);
});

const bad = headers(1, [...getFields, 'connection', 'close']);

t.test('a malformed request is reset, and the connection goes on', async (t) => {
  const probe = new SessionProbe();
  probe.receive(bad, headers(3, getFields));
  t.same(probe.events, ['malformed 1 connection-field', `stream 3 ${getFields.join(' ')} end`]);
  t.same(probe.takeOutput(), ['1 reset protocolError']);
});

t.test('or ends the connection, if the owner wants that', async (t) => {
  const probe = new SessionProbe({ malformed: 'close' });
  probe.receive(bad, headers(3, getFields));
  t.same(probe.events, ['malformed 1 connection-field', 'error protocolError']);
  t.same(probe.takeOutput(), ['goaway 1 protocolError']);
});

t.test('an owner may end everything when it hears of it', async (t) => {
  const probe = new SessionProbe();
  const { onMalformed } = probe;
  probe.onMalformed = (streamId, malformed) => {
    probe.session.destroy();
    return onMalformed.call(probe, streamId, malformed);
  };
  probe.receive(bad, headers(3, getFields));
  t.same(probe.events, ['malformed 1 connection-field']);
  t.same(probe.takeOutput(), []);
});

t.test('what follows a head must fit it', async (t) => {
  const post = headers(1, [...postFields, 'content-length', '5'], flag.endHeaders);
  const cases: readonly [kind: string, ...frames: Buffer[]][] = [
    ['body-length', headers(1, [...postFields, 'content-length', '5'])],
    ['body-length', post, data(1, 'four', flag.endStream)],
    ['body-length', post, data(1, 'five5'), data(1, '6')],
    ['body-length', post, data(1, 'four'), headers(1, ['x', 'y'])],
    ['trailers', post, data(1, 'five5'), headers(1, ['x', 'y'], flag.endHeaders)],
    ['pseudo-field', post, data(1, 'five5'), headers(1, [':path', '/'])],
  ];
  for (const [kind, ...frames] of cases) {
    const probe = new SessionProbe();
    probe.receive(...frames);
    t.match(
      probe.events.filter((event) => event.startsWith('malformed')),
      [`malformed 1 ${kind}`],
    );
    t.same(probe.takeOutput(), ['1 reset protocolError']);
    const events = probe.streams.get(1)?.events;
    t.equal(events?.includes('end') ?? false, false);
    if (events !== undefined) t.equal(events.at(-1), 'reset protocolError stream-error');
  }
});

t.test('a body as long as it was to be', async (t) => {
  for (const last of [data(1, 'ab', flag.endStream), data(1, 'ab')]) {
    const probe = new SessionProbe();
    probe.receive(headers(1, [...postFields, 'content-length', '5'], flag.endHeaders));
    probe.receive(data(1, 'abc'), last, data(1, '', last[4] === 1 ? 0 : flag.endStream));
    t.ok(probe.stream(1).events.includes('end'));
    t.equal(probe.events.filter((event) => event.startsWith('malformed')).length, 0);
  }
});

t.test('header blocks beyond the limits', async (t) => {
  const limits = { headerBlockBytes: 1000, headerCount: 10 };
  const many = Array.from({ length: 7 }, (_, i) => [`x-${i}`, '']).flat();
  const cases: readonly [kind: string, fields: readonly string[]][] = [
    ['too-many-fields', [...getFields, ...many]],
    ['too-large', [...getFields, 'x', 'v'.repeat(1000)]],
    ['too-large', Array.from({ length: 40 }, () => ['', '']).flat()],
  ];
  for (const [kind, fields] of cases) {
    const probe = new SessionProbe({ limits });
    probe.receive(headers(1, fields), headers(3, getFields));
    t.equal(probe.events[0], `malformed 1 ${kind}`);
    t.same(probe.takeOutput(), ['1 reset internalError']);
    t.ok(probe.streams.has(3));
  }
});

t.test('as many fields as are allowed, and any number of cookies', async (t) => {
  const probe = new SessionProbe({ limits: { headerCount: 10 } });
  const six = Array.from({ length: 6 }, (_, i) => [`x-${i}`, '']).flat();
  const cookies = Array.from({ length: 50 }, (_, i) => ['cookie', `c${i}=1`]).flat();
  probe.receive(headers(1, [...getFields, ...six, ...cookies]));
  t.ok(probe.streams.has(1));
});

t.test('an owner may reset the stream itself when it hears of it', async (t) => {
  const probe = new SessionProbe();
  probe.receive(headers(1, postFields, flag.endHeaders));
  probe.onMalformed = () => {
    probe.stream(1).handle.reset(0xd);
    return 'reset';
  };
  probe.receive(headers(1, [':path', '/']));
  t.same(probe.takeOutput(), ['1 reset http11Required']);
});
