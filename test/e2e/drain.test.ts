/** The end of the process: open requests finish, nothing new begins, exit codes are right. */

import t from 'tap';
import { eventually } from '../support/deadline.ts';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { headerValue } from '../support/http-reader.ts';
import type { OriginConnection } from '../support/origin.ts';
import { getRequest, RawConnection } from '../support/raw-client.ts';
import { methodAndPath, ok, scriptedOrigin } from '../support/scripted-origin.ts';

/** An edge in front of an origin that answers `/slow` only when told to. */
async function start(t: { teardown: (fn: () => Promise<unknown>) => void }, args: string[] = []) {
  const waiting: OriginConnection[] = [];
  const origin = await scriptedOrigin((request, connection) => {
    if (methodAndPath(request) !== 'GET /slow') return ok('quick');
    waiting.push(connection);
    return null;
  });
  const edge = await startEdgeProxy({ originPort: origin.port, args });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  const slow = await RawConnection.connect({ port: edge.port });
  t.teardown(async () => slow.destroy());
  slow.write(getRequest('/slow', 'a'));
  await eventually('the slow request', { within: 5000 }, () => waiting.length === 1);
  const finish = (): unknown => waiting[0]?.socket.write(ok('slow'), 'latin1');
  return { edge, slow, finish };
}

async function refuses(port: number): Promise<boolean> {
  try {
    const connection = await RawConnection.connect({ port });
    connection.destroy();
    return false;
  } catch {
    // Refused, as it should be.
    return true;
  }
}

t.test('SIGTERM lets an open request finish', async (t) => {
  const { edge, slow, finish } = await start(t);
  const idle = await RawConnection.connect({ port: edge.port });
  idle.write(getRequest('/', 'a'));
  t.equal((await idle.readResponse()).status, 200);
  edge.proxy.signal('SIGTERM');
  await eventually('no new connections', { within: 5000 }, () => refuses(edge.port));
  await idle.closed;
  finish();
  const response = await slow.readResponse();
  t.equal(response.status, 200);
  t.equal(response.body.toString(), 'slow');
  t.equal(headerValue(response.headers, 'connection'), 'close', 'and says that it was the last');
  const exit = await edge.proxy.exited();
  t.equal(exit.code, 0);
});

t.test('SIGTERM without open requests ends at once', async (t) => {
  const { edge, slow, finish } = await start(t, ['--drain-time', '60s']);
  finish();
  await slow.readResponse();
  edge.proxy.signal('SIGTERM');
  const exit = await edge.proxy.exited(5000);
  t.equal(exit.code, 0);
});

t.test('a request that outlives the drain time is cut, and logged', async (t) => {
  const { edge, slow } = await start(t, ['--drain-time', '200ms', '--access-log', '-']);
  edge.proxy.signal('SIGTERM');
  await edge.proxy.exited(10_000);
  t.match(edge.proxy.stdout, /"GET \/slow HTTP\/1\.1" 0 DC downstream_local_disconnect - /);
  t.match(
    edge.proxy.stderr,
    'sluice: stopping; 1 open request gets up to 0.2s, a second signal ends at once\n',
  );
  await slow.closed;
  await t.rejects(slow.readResponse(), 'there is no answer');
});

t.test('a second signal stops at once', async (t) => {
  const { edge, slow } = await start(t, ['--drain-time', '60s']);
  edge.proxy.signal('SIGTERM');
  await eventually('draining', { within: 5000 }, () => refuses(edge.port));
  edge.proxy.signal('SIGTERM');
  const exit = await edge.proxy.exited(5000);
  t.ok(exit.code !== null || exit.signal !== null);
  await slow.closed;
});

t.test('/ready says no while draining', async (t) => {
  const { edge, slow, finish } = await start(t, ['--drain-time', '60s']);
  t.equal((await edge.proxy.admin('/ready')).status, 200);
  edge.proxy.signal('SIGTERM');
  await eventually('not ready', { within: 5000 }, async () => {
    return (await edge.proxy.admin('/ready')).status === 503;
  });
  finish();
  await slow.readResponse();
  t.equal((await edge.proxy.exited()).code, 0);
});
