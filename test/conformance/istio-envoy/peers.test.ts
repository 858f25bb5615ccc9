/** The runner's clients and backends, face to face: nothing of what is recorded is theirs. */

import { createServer } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import t, { type Test } from 'tap';
import { exchangeH2 } from '../../support/raw-h2-client.ts';
import { Recorder } from '../../support/recorder.ts';
import { type BackendOptions, RecordingBackend } from '../../support/recording-backend.ts';
import type { RequestSpec, Scenario } from './scenario.ts';
import { type ClientResult, sendRequest } from './send-request.ts';

const scenario: Scenario = {
  name: 's',
  area: 'a',
  description: '',
  role: 'sidecar',
  listeners: [80],
  backends: [],
  config: '',
  requests: [],
};
const keys = { pairs: {}, tokens: {}, keySets: {} };

interface Asked {
  readonly result: ClientResult;
  readonly recorder: Recorder;
}

async function ask(
  t: Test,
  request: RequestSpec,
  backend: Partial<BackendOptions> = {},
): Promise<Asked> {
  const recorder = new Recorder();
  const options = { name: 'a-0', http2: true, ...backend };
  const started = await RecordingBackend.start(options, recorder);
  t.teardown(() => started.stop());
  const { port } = started;
  const filled = { method: 'GET', path: '/', authority: 'a', client_timeout_ms: 2000, ...request };
  const result = await sendRequest({ scenario, request: filled, caseId: 'c', port, keys });
  return { result, recorder };
}

const grpc = (plan: string): RequestSpec => ({
  protocol: 'h2c',
  method: 'POST',
  headers: { 'content-type': 'application/grpc', te: 'trailers', 'x-plan': plan },
  grpc_message: 'hi',
});

t.test('steps of gRPC', async (t) => {
  for (const [plan, body, trailers, endsOnHeaders] of [
    ['grpc:0', '\0\0\0\0\x03a-0', [['grpc-status', '0']], false],
    [
      'grpc:5',
      '',
      [
        ['grpc-status', '5'],
        ['grpc-message', 'status 5'],
      ],
      false,
    ],
    [
      'grpc-part:8',
      '\0\0\0\0\x03a-0',
      [
        ['grpc-status', '8'],
        ['grpc-message', 'status 8'],
      ],
      false,
    ],
    ['grpc-to:14', '', [], true],
  ] as const) {
    const { result, recorder } = await ask(t, grpc(plan));
    t.equal(result.response?.status, 200, plan);
    t.equal(result.response?.body.toString('latin1'), body, plan);
    t.strictSame(result.response?.trailers, trailers, plan);
    t.equal(result.h2?.endStreamOnHeaders, endsOnHeaders, plan);
    t.equal(Buffer.concat(recorder.requests[0]?.body ?? []).toString('hex'), '00000000026869');
  }
});

t.test('steps that end a stream or a connection', async (t) => {
  const reset = await ask(t, grpc('rst:7'));
  t.equal(reset.result.h2?.resetCode, 'REFUSED_STREAM');
  t.equal(reset.recorder.requests[0]?.resetCode, 7);
  const goaway = await ask(t, grpc('goaway'));
  t.equal(goaway.result.h2?.goawayCode, 'NO_ERROR');
  t.equal(goaway.result.h2?.resetCode, 'REFUSED_STREAM');
  const closed = await ask(t, grpc('close'));
  t.equal(closed.result.error, 'closed');
  t.equal(closed.recorder.requests[0]?.resetCode, 8);
  const aborted = await ask(t, { ...grpc('hang'), rst_after_ms: 20 });
  t.equal(aborted.result.aborted, true);
  const left = await ask(t, { headers: { 'x-plan': 'hang' }, abort_after_ms: 20 });
  t.equal(left.result.aborted, true);
});

t.test('interim responses and trailers, both versions of HTTP', async (t) => {
  const headers = { 'x-reply-1xx': '102,103', 'x-reply-trailers': '{"x-t":"1"}' };
  for (const protocol of ['h2c', undefined]) {
    const spoken = protocol === undefined ? {} : { protocol };
    const asked = { ...spoken, headers, body: 'b', trailers: { 'x-up': '2' } };
    const { result, recorder } = await ask(t, { ...asked, method: 'POST' });
    t.strictSame(result.response?.interim, [102, 103]);
    t.strictSame(result.response?.trailers, [['x-t', '1']]);
    t.strictSame(recorder.requests[0]?.trailers, [['x-up', '2']]);
    t.equal(recorder.requests[0]?.httpVersion, protocol === undefined ? '1.1' : '2.0');
  }
});

t.test('a header list is sent as it is given', async (t) => {
  const list = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'a'],
  ] as const;
  const wrong = await ask(t, { protocol: 'h2c', h2_headers: [...list, ['X-Upper', 'v']] });
  t.equal(wrong.result.response, null, 'refused by the backend');
  const big = 'x'.repeat(50_000);
  const large = await ask(t, { protocol: 'h2c', h2_headers: [...list, ['x-big', big]] });
  t.equal(large.result.response?.status, 200);
  t.equal(large.recorder.requests[0]?.headers.at(-1)?.[1], big, 'in several frames');
});

t.test('every printable character is read from a header that is Huffman coded', async (t) => {
  const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i)).trim();
  const server = createServer((request, response) => {
    response.writeHead(200, { 'x-all': `${'0'.repeat(200)}${printable}`, 'x-again': 'v' });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const headers = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'a'],
  ] as const;
  const result = await exchangeH2(socket, { headers, timeoutMs: 2000 });
  socket.destroy();
  t.equal(result.headers.find(([name]) => name === 'x-all')?.[1], '0'.repeat(200) + printable);
  await new Promise((resolve) => server.close(resolve));
});

t.test('CONNECT over HTTP/2 is echoed', async (t) => {
  const { result, recorder } = await ask(t, {
    protocol: 'h2c',
    wait_settings: true,
    after101: 'ping',
    h2_headers: [
      [':method', 'CONNECT'],
      [':protocol', 'websocket'],
      [':scheme', 'http'],
      [':path', '/ws'],
      [':authority', 'a'],
    ],
  });
  t.equal(result.response?.status, 200);
  t.equal(result.response?.body.toString(), 'ping');
  t.equal(result.h2?.enableConnectProtocol, 1);
  t.match(recorder.requests, [{ kind: 'extended-connect', upgradeBytes: 4 }]);
});

t.test('upgrades of HTTP/1.1', async (t) => {
  const ws = { ws: true, after101: 'ping' };
  const open = await ask(t, { ...ws, hold_ms: 20 });
  t.equal(open.result.echoed, 'ping');
  t.equal(open.result.held, 'open');
  t.match(open.recorder.requests, [{ kind: 'upgrade', upgradeBytes: 4 }]);
  const refused = await ask(t, { ...ws, headers: { 'x-plan': '403' } });
  t.equal(refused.result.response?.status, 403);
  const closed = await ask(t, { ...ws, headers: { 'x-plan': 'close' } });
  t.equal(closed.result.error, 'closed');
});

t.test('bytes without HTTP', async (t) => {
  const tcp = { type: 'tcp' };
  const talk = { protocol: 'tcp', read_ms: 1000 };
  const echo = await ask(t, { ...talk, send: 'abc', expect_bytes: 7 }, tcp);
  t.match(echo.result, { received: 'a-0:abc', held: null, error: null });
  t.match(echo.recorder.connections, [{ backend: 'a-0', kind: 'tcp', received: 'abc' }]);
  const banner = await ask(t, { ...talk, expect_bytes: 3 }, { ...tcp, banner: 'HI\n' });
  t.equal(banner.result.received, 'HI\n');
  for (const behavior of ['close', 'rst']) {
    const { result } = await ask(t, { ...talk, send: 'abc' }, { ...tcp, behavior });
    t.match(result, { received: '', held: 'closed' }, behavior);
  }
  const sink = { ...tcp, behavior: 'sink' };
  t.equal((await ask(t, { ...talk, read_ms: 20 }, sink)).result.held, 'open');
  const quiet = { ...talk, read_ms: 20, client_timeout_ms: 20 };
  const late = await ask(t, { ...quiet, send: 'abc', expect_bytes: 1 }, sink);
  t.equal(late.result.error, 'client-timeout');
  const none = await ask(t, talk, { ...tcp, behavior: 'refuse' });
  t.equal(none.result.error, 'ECONNREFUSED');
});

t.test('headers of the PROXY protocol', async (t) => {
  const line = 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2';
  const text = { protocol: 'tcp', send: `${line}\r\nabc`, expect_bytes: 7 };
  const first = await ask(t, text, { type: 'tcp' });
  t.match(first.recorder.connections, [{ received: 'abc', proxyHeader: { version: 1, line } }]);
  const binary =
    '\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c' + '\xc0\0\x02\x01\xc0\0\x02\x02\x04\x00\x00\x50abc';
  const second = await ask(t, { ...text, send: binary }, { type: 'tcp' });
  const header = { version: 2, command: 'PROXY', family: 'TCP4', source: '192.0.2.1:1024' };
  t.match(second.recorder.connections, [
    { received: 'abc', proxyHeader: { ...header, destination: '192.0.2.2:80' } },
  ]);
});
