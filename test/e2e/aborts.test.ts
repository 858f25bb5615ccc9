/** One side goes away in the middle: the other hears of it, and nothing half is passed as whole. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { eventually, within } from '../support/deadline.ts';
import type { Origin } from '../support/origin.ts';
import { exchange, getRequest, RawConnection } from '../support/raw-client.ts';
import { SharedEdge } from '../support/shared-edge.ts';
import { tempFolder } from '../support/temp-folder.ts';

const logs = tempFolder();
const log = join(logs.path, 'access.log');
const format = '%REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS%';
const edges = await SharedEdge.start(8, ['--access-log', log, '--access-log-format', format]);
t.teardown(async () => {
  await edges.stop();
  logs.remove();
});

/** What was logged of the only request with this path. */
function logged(path: string): Promise<string> {
  return eventually(`log line of ${path}`, { within: 5000 }, () => {
    const line = readLog(log).find((text) => text.startsWith(`${path} `));
    return line === undefined ? null : line.slice(path.length + 1);
  });
}

function readLog(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n');
  } catch {
    // Nothing has been logged yet.
    return [];
  }
}

t.test('a client that leaves while the origin works', async (t) => {
  const { origin, port } = edges.next(() => undefined);
  const connection = await RawConnection.connect({ port });
  connection.write(getRequest('/left', 'a'));
  const upstream = await arrived(origin);
  connection.destroy();
  await within(5000, 'close of the upstream connection', onceClosed(upstream));
  t.match(await logged('/left'), /DC/);
});

t.test('a client that leaves within its body', async (t) => {
  const { origin, port } = edges.next(() => undefined);
  const connection = await RawConnection.connect({ port });
  connection.write('POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
  const upstream = await arrived(origin);
  connection.destroy();
  await within(5000, 'close of the upstream connection', onceClosed(upstream));
  t.match(origin.received().toString('latin1'), /^POST \/half HTTP\/1\.1\r\n/);
  t.notMatch(origin.received().toString('latin1'), /half.{6}$/s, 'nothing is made up');
});

t.test('an origin that closes before its response', async (t) => {
  const { port } = edges.next(({ socket }) => socket.end());
  const response = await exchange(getRequest('/closed', 'a'), { port });
  t.equal(response.status, 503);
  t.match(await logged('/closed'), /^503 UC/);
});

t.test('an origin that resets before its response', async (t) => {
  const { port } = edges.next(({ socket }) => socket.resetAndDestroy());
  const response = await exchange(getRequest('/reset', 'a'), { port });
  t.equal(response.status, 503);
  t.match(await logged('/reset'), /^503 U[CR]/);
});

t.test('an origin that closes within its body', async (t) => {
  for (const framing of ['Content-Length: 10', 'Transfer-Encoding: chunked']) {
    const { port } = edges.next(({ socket }) => {
      const body = framing.startsWith('C') ? 'half' : '4\r\nhalf\r\n';
      socket.end(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n${body}`);
    });
    const response = await exchange(getRequest('/half', 'a'), { port });
    t.equal(response.status, 200);
    t.equal(response.body.toString(), 'half');
    t.equal(response.truncated, true, `${framing}: the client sees that it is not the end`);
  }
});

t.test('an origin that answers before the body is there', async (t) => {
  const { port } = edges.next(({ socket }) => {
    socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno');
  });
  const connection = await RawConnection.connect({ port });
  t.teardown(() => connection.destroy());
  connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nfirst');
  const response = await connection.readResponse();
  t.equal(response.status, 413);
  t.equal(response.body.toString(), 'no');
});

t.test('an origin that speaks no HTTP', async (t) => {
  const { port } = edges.next(({ socket }) => socket.end('SSH-2.0-OpenSSH\r\n'));
  const response = await exchange(getRequest('/ssh', 'a'), { port });
  t.ok(response.status === 502 || response.status === 503, `status ${response.status}`);
  t.match(await logged('/ssh'), /UPE/);
});

async function arrived(origin: Origin) {
  return eventually('the request at the origin', { within: 5000 }, () => {
    const found = origin.connections.find((connection) => connection.received().length > 0);
    return found?.socket ?? null;
  });
}

function onceClosed(socket: { closed: boolean; once(event: 'close', fn: () => void): unknown }) {
  if (socket.closed) return Promise.resolve();
  return new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
}
