/** An idle upstream connection that its peer has closed is never handed out again. */

import t from 'tap';
import { eventually, within } from '../support/deadline.ts';
import { startEdgeProxy } from '../support/edge-proxy.ts';
import { getRequest, RawConnection } from '../support/raw-client.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';

const rounds = 100;

t.test('a connection closed by the origin after each answer', async (t) => {
  const origin = await scriptedOrigin((_, { socket }) => {
    socket.end(ok('bye'), 'latin1');
    return null;
  });
  const edge = await startEdgeProxy({ originPort: origin.port });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  const connection = await RawConnection.connect({ port: edge.port });
  t.teardown(() => connection.destroy());
  const statuses = new Map<number, number>();
  for (let round = 0; round < rounds; round++) {
    connection.write(getRequest('/', 'a'));
    const { status } = await connection.readResponse();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    // Both directions are closed before the next request: any failure would be a dead pick.
    const upstream = origin.origin.connections.at(-1)?.socket;
    await within(
      5000,
      'close of the upstream connection',
      new Promise<void>((resolve) => {
        if (upstream === undefined || upstream.closed) resolve();
        else upstream.once('close', () => resolve());
      }),
    );
  }
  t.same([...statuses], [[200, rounds]], 'no request fails');
  t.equal(origin.origin.connections.length, rounds, 'each has its own connection');
});

t.test('a healthy connection is used again', async (t) => {
  const origin = await scriptedOrigin(() => ok('hi'));
  const edge = await startEdgeProxy({ originPort: origin.port });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  const connection = await RawConnection.connect({ port: edge.port });
  t.teardown(() => connection.destroy());
  for (let round = 0; round < rounds; round++) {
    connection.write(getRequest('/', 'a'));
    await connection.readResponse();
  }
  t.equal(origin.origin.connections.length, 1);
});

t.test('an idle connection that is reset leaves the pool', async (t) => {
  const origin = await scriptedOrigin(() => ok('hi'));
  const edge = await startEdgeProxy({ originPort: origin.port });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  const connection = await RawConnection.connect({ port: edge.port });
  t.teardown(() => connection.destroy());
  connection.write(getRequest('/', 'a'));
  await connection.readResponse();
  const before = edge.proxy.openFiles();
  origin.origin.connections[0]?.socket.resetAndDestroy();
  await eventually('the proxy lets go', { within: 5000 }, () => edge.proxy.openFiles() < before);
  connection.write(getRequest('/', 'a'));
  t.equal((await connection.readResponse()).status, 200);
});
