/**
 * What the proxy itself does for gRPC clients, through the real command: its answers, retries,
 * timeouts, routes, faults and metrics; and a second client, grpcio, where Python has it.
 */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { status } from '@grpc/grpc-js';
import t, { type Test } from 'tap';
import {
  type BothEdges,
  type BothEdgesOptions,
  serviceEntry,
  startBothEdges,
  toOrigin,
} from '../support/both-edges.ts';
import { eventually, within } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { collect, type GrpcCallOptions, h2cClient, tlsGrpcClient } from '../support/grpc-client.ts';
import { failuresField, GrpcOrigin } from '../support/grpc-origin.ts';
import { ask, echoService, payloadOf } from '../support/grpc-service.ts';
import { tlsFile } from '../support/tls-fixtures.ts';

// Beyond the deadline of the slowest call, so that it can tell which one it was.
t.setTimeout(90_000);

const service = echoService();

const startGrpc = (t: Test, options: BothEdgesOptions): Promise<BothEdges> =>
  startBothEdges(t, { ...options, protocol: 'GRPC' });
const grpcEntry = (name: string, ports: readonly number[]): string =>
  serviceEntry(name, 'GRPC', ports);
const to = (host: string): string =>
  `route: [{destination: {host: ${host}.test, port: {number: 80}}}]`;
/** A route for calls with that metadata. */
const where = (value: string, rest: string): string =>
  `  - {match: [{headers: {x-case: {exact: ${value}}}}], ${rest}}\n`;
const call = (value: string, more: Record<string, string> = {}): GrpcCallOptions => ({
  metadata: { 'x-case': value, ...more },
});

async function requestsCounted({ proxy }: BothEdges): Promise<string[]> {
  const { body } = await proxy.admin('/stats/prometheus');
  return body.split('\n').filter((line) => line.startsWith('istio_requests_total{'));
}

/** Waits until that many requests have been counted with all of `labels`. */
function untilCounted(grpc: BothEdges, count: number, ...labels: string[]): Promise<true> {
  return eventually(`${count} with ${labels.join(' ')}`, { within: 10_000 }, async () => {
    const lines = await requestsCounted(grpc);
    const found = lines.filter((line) => labels.every((label) => line.includes(label)));
    return found.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0) === count;
  });
}

t.test('what the proxy says by itself is a status of gRPC', async (t) => {
  const origin = await GrpcOrigin.start(t, service);
  const refused = grpcEntry('refusing', [await freePort()]);
  const abort = (what: string): string => `fault: {abort: {${what}, percentage: {value: 100}}}`;
  const http =
    where('refusing', to('refusing')) +
    where('empty', to('empty')) +
    where('fault', `${abort('grpcStatus: RESOURCE_EXHAUSTED')}, ${toOrigin}`) +
    where('http-fault', `${abort('httpStatus: 403')}, ${toOrigin}`) +
    where('origin', toOrigin);
  const documents = `${refused}---${grpcEntry('empty', [])}`;
  const grpc = await startGrpc(t, { originPort: origin.port, http, documents });
  const expected = [
    ['nothing', status.UNIMPLEMENTED, ''],
    ['refusing', status.UNAVAILABLE, /^upstream connect error/],
    ['empty', status.UNAVAILABLE, 'no healthy upstream'],
    ['fault', status.RESOURCE_EXHAUSTED, 'fault filter abort'],
    ['http-fault', status.PERMISSION_DENIED, 'fault filter abort'],
    ['origin', status.OK, 'OK'],
  ] as const;
  for (const client of [h2cClient(t, service, grpc.clear), tlsGrpcClient(t, service, grpc.tls)]) {
    for (const [name, code, details] of expected) {
      t.match(await client.ping(call(name)), { code, details }, name);
    }
  }
  for (const [, code] of expected) {
    const count = code === status.UNAVAILABLE ? 4 : 2;
    const labels = ['request_protocol="grpc"', 'response_code="200"'];
    await untilCounted(grpc, count, ...labels, `grpc_response_status="${code}"`);
  }
});

t.test('the status of a call is counted when its trailers have passed', async (t) => {
  const origin = await GrpcOrigin.start(t, service);
  const grpc = await startGrpc(t, { originPort: origin.port });
  const client = h2cClient(t, service, grpc.clear);
  await client.download(ask({ answers: [10, 20] }));
  await client.ask(ask({ ending: { code: status.DATA_LOSS, message: 'gone' } }));
  const labels = ['destination_service="origin.test"', 'request_protocol="grpc"'];
  await untilCounted(grpc, 1, 'grpc_response_status="0"', ...labels);
  await untilCounted(grpc, 1, 'grpc_response_status="15"', ...labels);
});

t.test('calls that fail with UNAVAILABLE are tried again where a route says so', async (t) => {
  const origin = await GrpcOrigin.start(t, service);
  const retries = (on: string): string => `retries: {attempts: 3, retryOn: "${on}"}, ${toOrigin}`;
  const { clear } = await startGrpc(t, {
    originPort: origin.port,
    http: where('unavailable', retries('unavailable')) + where('other', retries('cancelled')),
  });
  const client = h2cClient(t, service, clear);
  const failing = (name: string, id: string, failures: number) =>
    client.ask(
      ask({ answers: [5] }),
      call(name, { 'x-call-id': id, [failuresField]: `${failures}` }),
    );
  t.match(await failing('unavailable', 'a', 2), { code: status.OK });
  t.equal(origin.calls.length, 3);
  t.match(await failing('unavailable', 'b', 9), { code: status.UNAVAILABLE });
  t.equal(origin.calls.length, 3 + 4);
  t.match(await failing('other', 'c', 1), { code: status.UNAVAILABLE });
  t.equal(origin.calls.length, 3 + 4 + 1);
});

t.test('the timeout of a route ends a call, and a shorter one of the client earlier', async (t) => {
  const asked: IncomingHttpHeaders[] = [];
  let cancelled = 0;
  const originPort = await startRawOrigin(t, (stream, headers) => {
    asked.push(headers);
    stream.on('aborted', () => cancelled++);
    stream.on('error', () => undefined);
  });
  const { clear } = await startGrpc(t, {
    originPort,
    http: where('short', `timeout: 0.2s, ${toOrigin}`) + where('long', `timeout: 60s, ${toOrigin}`),
  });
  const end = await h2cClient(t, service, clear).ask(ask(), call('short'));
  t.match(end, { code: status.UNAVAILABLE, details: 'upstream request timeout' });
  t.match(asked[0], { 'grpc-timeout': '200m' });

  // A client that leaves its deadline to the proxy.
  const headers = { 'x-case': 'long', 'grpc-timeout': '300000u' };
  const { head } = await rawCall(t, clear, service.unary.path, headers);
  const message = 'upstream request timeout';
  t.match(head, { ':status': 200, 'grpc-status': '14', 'grpc-message': message });
  t.match(asked[1], { 'grpc-timeout': '300m' });
  await eventually('their cancellation', { within: 10_000 }, () => cancelled === 2);
});

t.test('calls are routed by service, method and metadata', async (t) => {
  const origins = {
    origin: await GrpcOrigin.start(t, service),
    method: await GrpcOrigin.start(t, service),
    metadata: await GrpcOrigin.start(t, service),
  };
  const forService = await startRawOrigin(t, (stream) => {
    const head = { 'content-type': 'application/grpc', 'grpc-status': `${status.NOT_FOUND}` };
    stream.respond(head, { endStream: true });
  });
  const entries = [
    grpcEntry('method', [origins.method.port]),
    grpcEntry('metadata', [origins.metadata.port]),
    grpcEntry('service', [forService]),
  ];
  const { clear, tls } = await startGrpc(t, {
    originPort: origins.origin.port,
    documents: entries.join('---'),
    http: `
  - {match: [{headers: {x-tenant: {prefix: blue}}}], ${to('metadata')}}
  - {match: [{uri: {exact: /sluice.echo.Echo/Upload}, method: {exact: POST}}], ${to('method')}}
  - {match: [{uri: {prefix: /sluice.echo.Unserved/}}], ${to('service')}}
  - ${toOrigin}`,
  });
  const calls = (): number[] => Object.values(origins).map((origin) => origin.calls.length);
  let round = 0;
  for (const client of [h2cClient(t, service, clear), tlsGrpcClient(t, service, tls)]) {
    round++;
    await client.ping();
    await client.upload([ask({ size: 3 })]);
    await client.upload([ask({ size: 3 })], { metadata: { 'x-tenant': 'blue-7' } });
    t.same(calls(), [round, round, round]);
    t.match(await client.unary(service.unserved, {}), { code: status.NOT_FOUND });
  }
});

/** An HTTP/2 origin without a gRPC library; its port. */
async function startRawOrigin(
  t: Test,
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
): Promise<number> {
  const origin = createServer();
  const sessions = new Set<ServerHttp2Session>();
  origin.on('session', (session) => sessions.add(session));
  origin.on('stream', onStream);
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const session of sessions) session.destroy();
    origin.close();
  });
  return (origin.address() as AddressInfo).port;
}

t.test('calls go on through a reload, and end cleanly while the proxy drains', async (t) => {
  const origin = await GrpcOrigin.start(t, service);
  const { proxy, clear, tls } = await startGrpc(t, { originPort: origin.port });
  const clients = [h2cClient(t, service, clear), tlsGrpcClient(t, service, tls)];
  const calls = clients.map((client) => client.chat());
  const ends = calls.map(collect);
  const turn = async (size: number): Promise<void> => {
    const answers = calls.map((call) => once(call, 'data'));
    for (const call of calls) call.write(service.writeAsk(ask({ size, answers: [size] })));
    const messages = await within(10_000, 'answers', Promise.all(answers));
    t.same(
      messages.map(([message]) => service.readAnswer(message)),
      calls.map(() => size),
    );
  };
  await turn(10);
  proxy.signal('SIGHUP');
  await eventually('a reload', { within: 10_000 }, () => /applied/.test(proxy.stderr));
  await turn(20);
  proxy.signal('SIGTERM');
  await eventually('the drain', { within: 10_000 }, () => /open request/.test(proxy.stderr));
  await turn(30);
  for (const call of calls) call.end();
  for (const { code } of await Promise.all(ends)) t.equal(code, status.OK);
  t.match(await proxy.exited(), { code: 0 });
});

interface RawAnswer {
  readonly head: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: IncomingHttpHeaders;
}

/** One call without a gRPC library: what is on the wire. */
function rawCall(
  t: Test,
  port: number,
  path: string,
  headers: Record<string, string>,
  body: Buffer = Buffer.alloc(5),
): Promise<RawAnswer> {
  const session = connect(`http://127.0.0.1:${port}`);
  t.teardown(() => session.destroy());
  const type = 'application/grpc';
  const call = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': type,
    te: 'trailers',
    ...headers,
  });
  call.end(body);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    call.on('response', (fields) => {
      head = fields;
    });
    call.on('trailers', (fields) => {
      trailers = fields;
    });
    call.on('data', (chunk: Buffer) => chunks.push(chunk));
    call.on('end', () => resolve({ head, body: Buffer.concat(chunks), trailers }));
    call.on('error', reject);
  });
}

t.test('compressed messages and what describes them pass untouched', async (t) => {
  const seen: { headers: IncomingHttpHeaders; body: Buffer }[] = [];
  const originPort = await startRawOrigin(t, (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      seen.push({ headers, body: Buffer.concat(chunks) });
      const type = 'application/grpc+proto';
      stream.respond({ 'content-type': type, 'grpc-encoding': 'gzip' }, { waitForTrailers: true });
      stream.on('wantTrailers', () =>
        stream.sendTrailers({ 'grpc-status': '0', 'x-sum-bin': 'AAE' }),
      );
      stream.end(Buffer.concat(chunks));
    });
  });
  const { clear } = await startGrpc(t, { originPort });
  const headers = {
    'grpc-encoding': 'gzip',
    'grpc-accept-encoding': 'gzip,identity',
    'user-agent': 'grpc-test/1',
    'x-bytes-bin': 'q80=,/w',
  };
  // Not even valid gzip: nobody on the way looks into it.
  const message = Buffer.concat([Buffer.from([1, 0, 0, 0, 100]), payloadOf(100)]);
  const { head, body, trailers } = await rawCall(t, clear, '/a.b/c', headers, message);
  t.match(seen[0]?.headers, { ...headers, te: 'trailers', 'content-type': 'application/grpc' });
  t.same(seen[0]?.body, message);
  t.match(head, { 'content-type': 'application/grpc+proto', 'grpc-encoding': 'gzip' });
  t.same(body, message);
  t.match(trailers, { 'grpc-status': '0', 'x-sum-bin': 'AAE' });
});

const noGrpcio =
  spawnSync('python3', ['-c', 'import grpc']).status !== 0 &&
  'python3 with grpcio is not installed (pip install grpcio)';

t.test('grpcio of Python', { skip: noGrpcio }, async (t) => {
  const origin = await GrpcOrigin.start(t, service);
  const { clear, tls } = await startGrpc(t, { originPort: origin.port });
  const expected = {
    ping: 0,
    large: true,
    upload: true,
    download: true,
    chat: true,
    initial: 'some text',
    trailing: [0x00, 0xab, 0xff],
    status: ['ABORTED', '\t100 % of Unicode: ü, ☺ and 😈\r\n'],
    missing: 'UNIMPLEMENTED',
    deadline: 'DEADLINE_EXCEEDED',
  };
  t.same(await grpcio('h2c', String(clear)), expected, 'in clear text');
  t.same(await grpcio('tls', String(tls), tlsFile('authority.pem')), expected, 'over TLS');
});

/** What the client in `test/fixtures/grpc/client.py` says. */
function grpcio(...args: string[]): Promise<unknown> {
  const script = fileURLToPath(new URL('../fixtures/grpc/client.py', import.meta.url));
  const env = { ...process.env, no_grpc_proxy: '127.0.0.1', no_proxy: '127.0.0.1' };
  const child = spawn('python3', [script, ...args], { env, timeout: 60_000 });
  const texts = { out: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.error += text;
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(texts.out)) : reject(new Error(texts.error)),
    );
  });
}
