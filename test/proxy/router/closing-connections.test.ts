/** Requests put onto a pooled connection in the turn in which its end arrives: nothing has left. */

import type { Socket } from 'node:net';
import t, { type Test } from 'tap';
import { retryPolicy } from '../../support/mesh-models.ts';
import {
  type ProxiedOriginOptions,
  postRequest,
  proxiedOrigin,
} from '../../support/proxied-origin.ts';
import { noLoad, type ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { ok } from '../../support/scripted-origin.ts';

const rounds = 20;

interface Meeting {
  readonly proxy: ProxyHarness;
  readonly statuses: readonly number[];
  readonly bodies: readonly string[];
}

/** Sends `request` again and again, each time as the endpoint ends the connection that it gets. */
async function meetEnds(
  t: Test,
  request: string,
  options: ProxiedOriginOptions & { readonly end?: (socket: Socket) => unknown } = {},
): Promise<Meeting> {
  const { proxy, origin } = await proxiedOrigin(t, ({ body }) => ok(`got ${body}`), options);
  const end = options.end ?? ((socket) => socket.end());
  const statuses: number[] = [];
  const bodies: string[] = [];
  const client = await proxy.connect();
  for (let round = 0; round < rounds; round++) {
    client.write(getRequest('/', 'a'));
    await client.readResponse();
    client.write(request);
    const last = origin.origin.connections.at(-1);
    if (last !== undefined) end(last.socket);
    const response = await client.readResponse();
    statuses.push(response.status);
    bodies.push(response.body.toString());
  }
  return { proxy, statuses, bodies };
}

function everyRound<Value>(value: Value): Value[] {
  return new Array<Value>(rounds).fill(value);
}

t.test('a request that has not left goes to another connection, without a retry', async (t) => {
  const ends: readonly (readonly [name: string, end: (socket: Socket) => unknown])[] = [
    ['closed', (socket) => socket.end()],
    ['reset', (socket) => socket.resetAndDestroy()],
  ];
  for (const [name, end] of ends) {
    const { proxy, statuses } = await meetEnds(t, getRequest('/', 'a'), { end });
    t.same(statuses, everyRound(200), name);
    t.ok(proxy.ended.every(({ attempts, flags }) => attempts === 1 && flags === '-'));
    const { stats } = proxy.cluster();
    t.equal(stats.upstreamRqRxReset, 0, 'to the endpoint nothing has happened');
    t.equal(stats.upstreamCxDestroyRemoteWithActiveRq, 0);
    await proxy.until('rest', () => proxy.load['endpointRequests'] === 0);
    t.same(proxy.load, noLoad, 'nothing is left');
  }
});

t.test('a body that is kept goes along', async (t) => {
  const action = { retryPolicy: retryPolicy({ retryOn: ['connect-failure'] }) };
  const { proxy, statuses, bodies } = await meetEnds(t, postRequest('/', 'all'), { action });
  t.same(statuses, everyRound(200));
  t.same(bodies, everyRound('got all'));
  t.ok(proxy.ended.every(({ attempts }) => attempts === 1));
});

t.test('a body that is not kept is lost with its connection', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'));
  const client = await proxy.connect();
  client.write(getRequest('/', 'a'));
  await client.readResponse();
  client.write(postRequest('/', 'all'));
  origin.origin.connections.at(-1)?.socket.end();
  t.equal((await client.readResponse()).status, 503);
  t.match(await proxy.ending(2), {
    flags: 'UC',
    details: 'upstream_reset_before_response_started{connection_termination}',
  });
});
