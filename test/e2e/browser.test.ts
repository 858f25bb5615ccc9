/**
 * A browser through the real command: Chromium loads a page over HTTPS, fetches over HTTP/2 and
 * talks over a WebSocket. `SLUICE_CHROMIUM` names another program.
 */

import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { WebSocketServer } from 'ws';
import { startBothEdges } from '../support/both-edges.ts';
import { pem } from '../support/tls-fixtures.ts';

// A browser takes its time on a busy machine.
t.setTimeout(120_000);

/** The path of the first of these programs that is there. */
function browserPath(): string | undefined {
  const named = process.env.SLUICE_CHROMIUM;
  const names = named === undefined ? ['chromium', 'chromium-browser', 'google-chrome'] : [named];
  const found = names.map((name) => {
    const { stdout } = spawnSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' });
    return stdout.trim();
  });
  return found.find((path) => path !== '');
}

const path = browserPath();
const absent = path === undefined && 'Chromium is not installed (SLUICE_CHROMIUM)';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A page, sums of what is sent, a stream whose second half waits for `/more`, and paths. */
function answering(): (request: IncomingMessage, response: ServerResponse) => void {
  let waiting: ServerResponse | null = null;
  return (request, response) => {
    const hash = createHash('sha256');
    request.on('data', (chunk: Buffer) => hash.update(chunk));
    request.on('end', () => {
      if (request.method === 'POST') return response.end(hash.digest('hex'));
      switch (request.url) {
        case '/':
          response.setHeader('content-type', 'text/html');
          return response.end('<!doctype html><title>loaded</title><link rel=icon href=data:,>');
        case '/stream':
          waiting = response;
          return response.write('first ');
        case '/more':
          waiting?.end('second');
          return response.end();
        default:
          return response.end(request.url);
      }
    });
  };
}

async function startOrigin(t: Test): Promise<number> {
  const http = createServer(answering());
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
    t.teardown(() => socket.terminate());
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.teardown(() => http.close());
  return (http.address() as AddressInfo).port;
}

/** The page of a browser that takes `a.example.com` for this machine, and its certificate. */
async function openPage(t: Test): Promise<Page> {
  const certificate = new X509Certificate(pem('server-a'));
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' });
  const hash = createHash('sha256').update(key).digest('base64');
  const browser = await chromium.launch({
    executablePath: path ?? '',
    args: [
      // Pipelines run as root, for whom there is no sandbox.
      '--no-sandbox',
      '--host-resolver-rules=MAP a.example.com 127.0.0.1',
      `--ignore-certificate-errors-spki-list=${hash}`,
    ],
    timeout: 90_000,
  });
  t.teardown(() => browser.close());
  return browser.newPage();
}

/** Runs in the page: requests of all kinds. */
const fetches = `(async () => {
  const text = async (url, options) => (await fetch(url, options)).text();
  const many = await Promise.all(Array.from({ length: 50 }, (_, n) => text('/many/' + n)));
  const upload = await text('/upload', { method: 'POST', body: 'x'.repeat(300_000) });
  const reader = (await fetch('/stream')).body.getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  const first = await read();
  await text('/more');
  const second = await read();
  const entries = performance.getEntriesByType('resource');
  const protocols = [...new Set(entries.map((entry) => entry.nextHopProtocol))];
  const [{ nextHopProtocol: navigation }] = performance.getEntriesByType('navigation');
  return { many, upload, first, second, protocols, navigation };
})()`;

/** Runs in the page: text and bytes there and back, and the code of the end. */
const webSocket = `(async () => {
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/chat');
  socket.binaryType = 'arraybuffer';
  const next = (type) => new Promise((resolve, reject) => {
    socket.addEventListener(type, resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('the WebSocket failed')));
  });
  await next('open');
  socket.send('grüße');
  const { data: text } = await next('message');
  socket.send(new Uint8Array(300_000).fill(7));
  const { data: bytes } = await next('message');
  socket.close(4001, 'enough');
  const { code, reason } = await next('close');
  return { text, bytes: bytes.byteLength, code, reason };
})()`;

t.test('a browser', { skip: absent }, async (t) => {
  const { clear, tls } = await startBothEdges(t, { originPort: await startOrigin(t) });
  const page = await openPage(t);
  for (const [url, protocol] of [
    [`https://a.example.com:${tls}/`, 'h2'],
    [`http://a.example.com:${clear}/`, 'http/1.1'],
  ] as const) {
    const response = await page.goto(url);
    t.equal(response?.status(), 200);
    t.equal(await page.title(), 'loaded');
    t.same(await page.evaluate(fetches), {
      many: Array.from({ length: 50 }, (_, index) => `/many/${index}`),
      upload: sha256('x'.repeat(300_000)),
      first: 'first ',
      second: 'second',
      protocols: [protocol],
      navigation: protocol,
    });
    const echoed = { text: 'grüße', bytes: 300_000, code: 4001, reason: 'enough' };
    t.same(await page.evaluate(webSocket), echoed);
  }
});
