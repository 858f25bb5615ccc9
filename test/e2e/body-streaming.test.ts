/**
 * Large bodies pass with backpressure: while one side reads nothing the other is stopped, and the
 * proxy's memory stays flat. 256 MiB each way; 1 GiB with SLUICE_FULL=1.
 */

import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import t from 'tap';
import { eventually, within } from '../support/deadline.ts';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { httpOrigin } from '../support/origin.ts';
import { watchMemory } from '../support/watch-memory.ts';

const mebibyte = 1024 * 1024;
const size = (process.env.SLUICE_FULL === '1' ? 1024 : 256) * mebibyte;
const chunk = Buffer.alloc(256 * 1024, 'x');
/** What kernel buffers of two hops and the proxy may hold of a stopped body. */
const inFlightLimit = 64 * mebibyte;
/** How much the proxy may grow while a body passes: buffers that await their collection. */
const growthLimit = 120 * mebibyte;
const timeoutMs = size / 4_000;

t.setTimeout(3 * timeoutMs);

t.test('a download to a slow reader', async (t) => {
  const sent = { bytes: 0 };
  const origin = await httpOrigin((_, response) => {
    response.writeHead(200, { 'content-length': size });
    void writeAll(response, sent);
  });
  const edge = await startEdgeProxy({ originPort: origin.port });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  const call = request({ port: edge.port, path: '/', headers: { host: 'a.test' } });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const memory = watchMemory(edge);
  await untilStopped(sent);
  t.ok(sent.bytes < inFlightLimit, 'the origin is stopped while nobody reads', sent);
  const received = await within(timeoutMs, 'end of the download', readAll(response, memory));
  t.equal(received, size, 'every byte arrives');
  t.ok(memory.growth() < growthLimit, 'memory stays flat', { growth: memory.growth() });
});

t.test('an upload to a slow reader', async (t) => {
  const uploads: IncomingMessage[] = [];
  const origin = await httpOrigin((message, response) => {
    uploads.push(message);
    message.on('end', () => response.end('done'));
  });
  const edge = await startEdgeProxy({ originPort: origin.port });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  const sent = { bytes: 0 };
  const headers = { host: 'a.test', 'transfer-encoding': 'chunked' };
  const call = request({ port: edge.port, path: '/', method: 'POST', headers });
  const answered = once(call, 'response');
  const memory = watchMemory(edge);
  const written = writeAll(call, sent);
  const upload = await eventually('the upload', { within: 5000 }, () => uploads[0] ?? null);
  await untilStopped(sent);
  t.ok(sent.bytes < inFlightLimit, 'the client is stopped while nobody reads', sent);
  const received = await within(timeoutMs, 'end of the upload', readAll(upload, memory));
  await written;
  const [response] = (await answered) as [IncomingMessage];
  response.resume();
  t.equal(received, size, 'every byte arrives');
  t.equal(response.statusCode, 200);
  t.ok(memory.growth() < growthLimit, 'memory stays flat', { growth: memory.growth() });
});

async function writeAll(
  target: (ServerResponse | ClientRequest) & Writable,
  sent: { bytes: number },
): Promise<void> {
  while (sent.bytes < size) {
    sent.bytes += chunk.length;
    if (!target.write(chunk)) await once(target, 'drain');
  }
  target.end();
}

/** Until nothing more was sent for twenty looks in a row. */
async function untilStopped(sent: { readonly bytes: number }): Promise<void> {
  let last = -1;
  let still = 0;
  await eventually('the sender is stopped', { within: 10_000, every: 10 }, () => {
    still = sent.bytes === last ? still + 1 : 0;
    last = sent.bytes;
    return still >= 20 && sent.bytes > 0;
  });
}

async function readAll(message: IncomingMessage, memory: { look(): void }): Promise<number> {
  let received = 0;
  let nextLook = 0;
  for await (const data of message) {
    received += (data as Buffer).length;
    if (received < nextLook) continue;
    memory.look();
    nextLook = received + 8 * mebibyte;
  }
  return received;
}
