/** SIGTERM while requests come and clients are stuck. */

import t, { type Test } from 'tap';
import { eventually } from '../support/deadline.ts';
import { type EdgeProxy, startEdgeProxy } from '../support/edge-proxy.ts';
import { headerValue } from '../support/http-reader.ts';
import { httpOrigin } from '../support/origin.ts';
import { getRequest, RawConnection } from '../support/raw-client.ts';

const clients = 40;

/** An origin that takes a while, and knows whom it has answered. */
async function start(t: Test, args: readonly string[]) {
  const answered = new Set<string>();
  const origin = await httpOrigin((request, response) => {
    const path = request.url ?? '';
    if (path === '/large') {
      response.end(Buffer.alloc(64 * 1024 * 1024));
      return;
    }
    setTimeout(() => {
      answered.add(path);
      response.end(path);
    }, 20);
  });
  const edge = await startEdgeProxy({ originPort: origin.port, args });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  return { edge, answered };
}

interface Seen {
  readonly got: Set<string>;
  readonly wrong: string[];
  readonly done: Promise<unknown>;
}

/** Clients that ask one request after the other until they are told that it was the last. */
function load({ port }: EdgeProxy): Seen {
  const got = new Set<string>();
  const wrong: string[] = [];
  const client = async (number: number): Promise<void> => {
    const connection = await RawConnection.connect({ port });
    for (let i = 0; ; i++) {
      const path = `/${number}/${i}`;
      connection.write(getRequest(path, 'a'));
      try {
        const { status, body, truncated, headers } = await connection.readResponse();
        if (status !== 200 || truncated || body.toString() !== path) {
          wrong.push(`${path}: ${status} ${body}`);
        }
        got.add(path);
        if (headerValue(headers, 'connection') === 'close') return;
      } catch {
        // Nothing came: the connection was closed before the request was taken.
        return;
      } finally {
        if (connection.isClosed) connection.destroy();
      }
    }
  };
  const done = Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  return { got, wrong, done };
}

t.test('under load every request that an endpoint has answered is answered', async (t) => {
  const { edge, answered } = await start(t, ['--drain-time', '10s']);
  const { got, wrong, done } = load(edge);
  await eventually('load', { within: 10_000 }, () => got.size > 10 * clients);
  const began = performance.now();
  edge.proxy.signal('SIGTERM');
  const exit = await edge.proxy.exited();
  t.equal(exit.code, 0);
  t.ok(performance.now() - began < 5_000, 'long before the drain time');
  await done;
  t.same(wrong, []);
  t.same(
    [...answered].filter((path) => !got.has(path)),
    [],
  );
  await t.rejects(RawConnection.connect({ port: edge.port }), { code: 'ECONNREFUSED' });
});

t.test(
  'a client that takes nothing of its answer holds it up no longer than the drain time',
  async (t) => {
    const { edge } = await start(t, ['--drain-time', '500ms']);
    const stuck = await RawConnection.connect({ port: edge.port });
    t.teardown(() => stuck.destroy());
    stuck.socket.pause();
    stuck.write(getRequest('/large', 'a'));
    await eventually('the answer begins', { within: 5_000 }, async () => {
      const { body } = await edge.proxy.admin('/stats?filter=downstream_rq_active');
      return /: 1$/m.test(body);
    });
    const began = performance.now();
    edge.proxy.signal('SIGTERM');
    t.equal((await edge.proxy.exited()).code, 0);
    const ms = performance.now() - began;
    t.ok(ms >= 400 && ms < 5_000, `${Math.round(ms)} ms`);
  },
);

t.test('so does one that does not finish its request', async (t) => {
  const { edge } = await start(t, ['--drain-time', '500ms']);
  const stuck = await RawConnection.connect({ port: edge.port });
  t.teardown(() => stuck.destroy());
  stuck.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
  const half = await RawConnection.connect({ port: edge.port });
  t.teardown(() => half.destroy());
  half.write('GET / HTTP/1.1\r\nHo');
  await eventually('both are there', { within: 5_000 }, async () => {
    const { body } = await edge.proxy.admin('/stats?filter=downstream_cx_active');
    return /http\.\S+: 2$/m.test(body);
  });
  const began = performance.now();
  edge.proxy.signal('SIGTERM');
  t.equal((await edge.proxy.exited()).code, 0);
  t.ok(performance.now() - began < 5_000);
});

t.test('a second SIGTERM under load ends at once, with exit code 0', async (t) => {
  const { edge } = await start(t, ['--drain-time', '60s']);
  const { got } = load(edge);
  await eventually('load', { within: 10_000 }, () => got.size > clients);
  const stuck = await RawConnection.connect({ port: edge.port });
  t.teardown(() => stuck.destroy());
  stuck.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
  edge.proxy.signal('SIGTERM');
  await eventually('draining', { within: 5_000 }, async () => {
    return (await edge.proxy.admin('/ready')).status === 503;
  });
  edge.proxy.signal('SIGTERM');
  t.equal((await edge.proxy.exited(5_000)).code, 0);
});
