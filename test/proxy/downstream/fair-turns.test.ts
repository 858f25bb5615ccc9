// One connection that brings much at once does not hold up the others.

import t, { type Test } from 'tap';
import { flag } from '../../../src/http2/protocol.ts';
import { data, getFields, headers, postFields } from '../../http2/frames.ts';
import { H2Wire } from '../../support/h2-wire.ts';
import { proxiedOrigin } from '../../support/proxied-origin.ts';
import type { ProxyHarness } from '../../support/proxy-harness.ts';
import { getRequest } from '../../support/raw-client.ts';
import { ok } from '../../support/scripted-origin.ts';

const greedyCount = 1000;
/** How many a client sends that does not want to wait. */
const limits = { requestsPerTurn: 1, framesPerTurn: 2 };
/** Answered at once: no request waits for an endpoint. */
const answered = {
  limits,
  route: { action: { kind: 'direct-response', status: 200, body: null } },
} as const;

/** Exchanges that ended before the one of the client that sends a single request. */
async function endedBefore(t: Test, proxy: ProxyHarness, send: () => void): Promise<number> {
  const patient = await proxy.connect();
  t.teardown(() => patient.destroy());
  send();
  await proxy.until('the first of many', () => proxy.ended.length > 0);
  patient.write(getRequest('/patient', 'a'));
  t.equal((await patient.readResponse()).status, 200);
  const before = proxy.ended.findIndex(({ info }) => info.path === '/patient');
  await proxy.until('all of them', () => proxy.ended.length === greedyCount + 1);
  return before;
}

t.test('requests in one piece over HTTP/1.1', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), answered);
  const greedy = await proxy.connect();
  t.teardown(() => greedy.destroy());
  const bytes = getRequest('/greedy', 'a').repeat(greedyCount);
  const before = await endedBefore(t, proxy, () => greedy.write(bytes));
  t.ok(before > 0 && before < greedyCount, `${before} of them were first`);
});

t.test('requests in one piece over HTTP/2', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), answered);
  const greedy = await H2Wire.open(t, proxy.port);
  const requests = Array.from({ length: greedyCount }, (_, i) => headers(2 * i + 1, getFields));
  const before = await endedBefore(t, proxy, () => greedy.send(...requests));
  t.ok(before > 0 && before < greedyCount, `${before} of them were first`);
  t.notOk(greedy.received.some((frame) => /^(goaway|rstStream)/.test(frame)));
});

t.test('bodies in tiny pieces come whole', async (t) => {
  const { proxy, origin } = await proxiedOrigin(t, () => ok('hello'), { limits });
  const pieces = 200;
  const chunked = await proxy.connect();
  t.teardown(() => chunked.destroy());
  chunked.write(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
      `${'1\r\na\r\n'.repeat(pieces)}0\r\n\r\n`,
  );
  t.equal((await chunked.readResponse()).status, 200);
  const framed = await H2Wire.open(t, proxy.port);
  framed.send(
    headers(1, postFields, flag.endHeaders),
    ...Array.from({ length: pieces }, () => data(1, 'a')),
    data(1, '', flag.endStream),
  );
  await proxy.ending(2);
  t.same(
    proxy.ended.map(({ status, received }) => [status, received]),
    [
      [200, pieces],
      [200, pieces],
    ],
  );
  t.equal(origin.requests.length, 2);
});

t.test('a client that leaves while its requests wait leaves nothing behind', async (t) => {
  const { proxy } = await proxiedOrigin(t, () => ok('hello'), answered);
  const greedy = await proxy.connect();
  greedy.write(getRequest('/greedy', 'a').repeat(greedyCount));
  const framed = await H2Wire.open(t, proxy.port);
  framed.send(...Array.from({ length: greedyCount }, (_, i) => headers(2 * i + 1, getFields)));
  await proxy.until('the first of many', () => proxy.ended.length > 0);
  greedy.reset();
  framed.socket.resetAndDestroy();
  await proxy.until('close', () => proxy.listener.openConnections === 0);
  t.equal(proxy.listener.stats.downstreamRqActive, 0);
});
