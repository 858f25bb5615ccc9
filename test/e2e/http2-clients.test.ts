/**
 * curl, h2load and nghttp through the real command: HTTP/1.1 and HTTP/2, in clear text and over TLS,
 * to an origin of HTTP/1.1 and one of HTTP/2.
 */

import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { serviceEntry, startBothEdges, toOrigin } from '../support/both-edges.ts';
import { listen } from '../support/listen.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';
import { tlsFile } from '../support/tls-fixtures.ts';

// Many commands, one after the other.
t.setTimeout(120_000);

const mebibyte = 1024 * 1024;
const large = Buffer.from(
  Uint32Array.from({ length: 4 * mebibyte }, (_, index) => index * 2_654_435_761).buffer,
);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Why a test with that command is skipped, or false. */
function absent(command: string): string | false {
  return spawnSync(command, ['--version']).error !== undefined && `${command} is not installed`;
}

/** `/large`, `/hash` of what is sent, and what was asked for all else. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const hash = createHash('sha256');
  request.on('data', (chunk: Buffer) => hash.update(chunk));
  request.on('end', () => {
    if (request.url === '/large') response.end(large);
    else if (request.url === '/hash') response.end(hash.digest('hex'));
    else response.end(JSON.stringify([request.method, request.url, request.httpVersion]));
  });
}

/** Everything goes to an origin of HTTP/1.1, `/trailers` to one of HTTP/2. */
async function start(t: Test) {
  const originPort = await listen(t, createServer(answer));
  const http2 = createHttp2Server();
  http2.on('stream', (stream: ServerHttp2Stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }));
    stream.end('with an end\n');
  });
  return startBothEdges(t, {
    originPort,
    documents: serviceEntry('h2', 'HTTP2', [await listen(t, http2)]),
    http: `
  - {match: [{uri: {exact: /trailers}}], route: [{destination: {host: h2.test}}]}
  - ${toOrigin}`,
  });
}

interface Ran {
  readonly code: number | string | null | undefined;
  readonly out: string;
  readonly error: string;
}

function run(command: string, args: readonly string[]): Promise<Ran> {
  const options = { timeout: 60_000, maxBuffer: 64 * mebibyte };
  return new Promise((resolve) => {
    execFile(command, args, options, (failure, out, error) => {
      resolve({ code: failure === null ? 0 : failure.code, out, error });
    });
  });
}

/** How curl reaches the proxy, and the version of HTTP that it then speaks. */
interface Way {
  readonly name: string;
  readonly args: readonly string[];
  readonly base: string;
  readonly version: string;
}

function ways(clear: number, tls: number): readonly Way[] {
  const plain = `http://127.0.0.1:${clear}`;
  const secure = `https://a.example.com:${tls}`;
  const trust = ['--cacert', tlsFile('authority.pem')];
  const there = [...trust, '--resolve', `a.example.com:${tls}:127.0.0.1`];
  return [
    { name: 'HTTP/1.1', args: ['--http1.1'], base: plain, version: '1.1' },
    { name: 'an offered upgrade', args: ['--http2'], base: plain, version: '1.1' },
    { name: 'h2c', args: ['--http2-prior-knowledge'], base: plain, version: '2' },
    { name: 'HTTP/1.1 over TLS', args: ['--http1.1', ...there], base: secure, version: '1.1' },
    { name: 'HTTP/2 over TLS', args: ['--http2', ...there], base: secure, version: '2' },
  ];
}

async function curl(way: Way, path: string, ...args: string[]): Promise<Ran> {
  return run('curl', ['-sS', '-m', '60', ...way.args, ...args, `${way.base}${path}`]);
}

async function eachWay(t: Test, way: Way, files: TempFolder): Promise<void> {
  const got = await curl(way, '/small?a=b', '-w', ' %{http_version} %{response_code}');
  t.equal(got.out, `["GET","/small?a=b","1.1"] ${way.version} 200`, got.error);

  const head = await curl(way, '/small', '--head');
  t.match(head.out, /^HTTP\/[\d.]+ 200/);

  const file = join(files.path, 'download');
  t.match(await curl(way, '/large', '-o', file), { code: 0 });
  t.equal(sha256(readFileSync(file)), sha256(large), 'a large download');

  const upload = await curl(way, '/hash', '--data-binary', `@${join(files.path, 'upload')}`);
  t.equal(upload.out, sha256(large), 'a large upload');

  // curl 7.88 cannot use a connection of h2c twice, whoever is at its other end.
  if (way.name === 'h2c') return;
  const several = [`${way.base}/b`, `${way.base}/c`];
  const reused = await curl(way, '/a', ...several, '-w', ' %{num_connects}\n');
  const lines = ['["GET","/b","1.1"] 1', '["GET","/c","1.1"] 0', '["GET","/a","1.1"] 0', ''];
  t.equal(reused.out, lines.join('\n'), 'one connection');
}

t.test('curl', { skip: absent('curl') }, async (t) => {
  const { clear, tls } = await start(t);
  const files = tempFolder();
  t.teardown(() => files.remove());
  writeFileSync(join(files.path, 'upload'), large);
  for (const way of ways(clear, tls)) await t.test(way.name, (t) => eachWay(t, way, files));

  await t.test('HTTP/1.0 has to be upgraded', async (t) => {
    const [way] = ways(clear, tls) as [Way];
    t.match(await curl(way, '/small', '--http1.0', '-i'), { out: /^HTTP\/1\.1 426 / });
  });

  await t.test('100 Continue', async (t) => {
    for (const way of ways(clear, tls).filter(({ version }) => version === '1.1')) {
      const expecting = ['-v', '-H', 'Expect: 100-continue', '--expect100-timeout', '30'];
      const sent = await curl(way, '/hash', ...expecting, '--data-binary', 'body');
      t.match(sent.error, /< HTTP\/1\.1 100 Continue\r?\n.*< HTTP\/1\.1 200 OK/s, way.name);
      t.equal(sent.out, sha256(Buffer.from('body')));
    }
  });

  await t.test('trailers of HTTP/2 reach clients of HTTP/2', async (t) => {
    for (const way of ways(clear, tls)) {
      const got = await curl(way, '/trailers', '-D', '-');
      t.match(got, { code: 0, out: /with an end/ }, way.name);
      t.equal(/^x-sum: 42\r?$/im.test(got.out), way.version === '2', way.name);
    }
  });
});

t.test('h2load', { skip: absent('h2load') }, async (t) => {
  const { clear, tls } = await start(t);
  for (const url of [`http://127.0.0.1:${clear}/`, `https://127.0.0.1:${tls}/`]) {
    const { out } = await run('h2load', ['-n', '5000', '-c', '5', '-m', '20', url]);
    t.match(out, /5000 succeeded, 0 failed, 0 errored, 0 timeout/, url);
    t.match(out, 'status codes: 5000 2xx, 0 3xx, 0 4xx, 0 5xx', url);
    t.match(out, url.startsWith('https:') ? 'Application protocol: h2\n' : ': h2c\n');
  }
});

t.test('nghttp', { skip: absent('nghttp') }, async (t) => {
  const { clear, tls } = await start(t);
  for (const base of [`http://127.0.0.1:${clear}`, `https://127.0.0.1:${tls}`]) {
    // Windows of 1023 bytes for streams and 65535 for the connection.
    const narrow = ['--no-verify-peer', '-w', '10', '-W', '16'];
    const { out, error } = await run('nghttp', [
      ...narrow,
      '-d',
      tlsFile('make.sh'),
      `${base}/hash`,
    ]);
    t.equal(out.trim(), sha256(readFileSync(tlsFile('make.sh'))), error);
    const verbose = await run('nghttp', ['-nv', '--no-verify-peer', `${base}/trailers`]);
    t.match(verbose.out, /:status: 200.*x-sum: 42/s);
    t.notMatch(verbose.out, 'RST_STREAM');
  }
});
