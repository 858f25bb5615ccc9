/** Limits of clients, ranges of addresses and sizes of bodies, on real sockets. */

import t, { type Test } from 'tap';
import type { RequestAdmission } from '../../../src/model/request-admission.ts';
import { httpSettings } from '../../support/mesh-models.ts';
import {
  type ProxiedOriginOptions,
  postRequest,
  proxiedOrigin,
} from '../../support/proxied-origin.ts';
import { getRequest } from '../../support/raw-client.ts';
import { ok } from '../../support/scripted-origin.ts';

const get = getRequest('/', 'a');

/** As from another client, whose proxy is trusted. */
const from = (address: string) => getRequest('/', 'a', [['x-forwarded-for', address]]);

const nothing: RequestAdmission = {
  rateLimits: [],
  concurrencyLimits: [],
  sourceIps: null,
  maxRequestBytes: null,
};

const trusting = httpSettings({ xffNumTrustedHops: 1 });

function guarded(t: Test, changes: Partial<RequestAdmission>, options: ProxiedOriginOptions = {}) {
  const admission = { ...nothing, ...changes };
  return proxiedOrigin(t, () => ok('hello'), { ...options, route: { admission } });
}

const rate = { name: 'r', milliRequestsPerSecond: 5000, burst: 2, status: 503, exempt: [] };
const few = { name: 'c', maxRequests: 1, status: 429, exempt: [] };

t.test('a rate limit lets its burst in, then what the rate gives', async (t) => {
  const { proxy, origin } = await guarded(t, { rateLimits: [rate] }, { manualTime: true });
  const statuses = async (count: number) => {
    const seen: number[] = [];
    for (let i = 0; i < count; i++) seen.push((await proxy.send(get)).status);
    return seen;
  };
  t.same(await statuses(5), [200, 200, 200, 503, 503]);
  t.match(await proxy.ending(5), { flags: 'RL', details: 'local_rate_limited', attempts: 0 });
  proxy.advance(200);
  t.same(await statuses(2), [200, 503]);
  t.equal(origin.requests.length, 4);
  t.match(proxy.listener.stats, { rateLimitOk: 4, rateLimited: 3 });
});

t.test('what one limit refuses the other does not count', async (t) => {
  const perMinute = { ...rate, name: 'm', milliRequestsPerSecond: 16, burst: 3 };
  const rateLimits = [perMinute, { ...rate, burst: 0, status: 429 }];
  const { proxy } = await guarded(t, { rateLimits }, { manualTime: true });
  t.equal((await proxy.send(get)).status, 200);
  for (let i = 0; i < 5; i++) t.equal((await proxy.send(get)).status, 429);
  for (let i = 0; i < 3; i++) {
    proxy.advance(200);
    t.equal((await proxy.send(get)).status, 200, 'of four a minute');
  }
  proxy.advance(200);
  t.equal((await proxy.send(get)).status, 503);
});

t.test('clients are told apart by the address that trusted proxies name', async (t) => {
  const limits = { rateLimits: [{ ...rate, burst: 0, exempt: ['10.1.0.0/16', '2001:db8::/32'] }] };
  const { proxy } = await guarded(t, limits, { manualTime: true, http: trusting });
  const cases = [
    ['192.0.2.1', 200],
    ['192.0.2.1', 503],
    ['192.0.2.2', 200],
    ['10.1.2.3', 200],
    ['10.1.2.3', 200],
    ['2001:db8::1', 200],
    ['2001:db8::1', 200],
    ['2001:db9::1', 200],
    ['2001:db9::1', 503],
  ] as const;
  for (const [address, status] of cases) {
    t.equal((await proxy.send(from(address))).status, status, address);
  }
});

t.test('no more clients are remembered than the limit says', async (t) => {
  const limits = { clientsPerRateLimit: 2 };
  const perMinute = { ...rate, milliRequestsPerSecond: 16, burst: 0 };
  const options = { manualTime: true, limits, http: trusting };
  const { proxy } = await guarded(t, { rateLimits: [perMinute] }, options);
  for (const last of [1, 2, 3]) t.equal((await proxy.send(from(`192.0.2.${last}`))).status, 200);
  t.equal(proxy.runtime.snapshot.limitZones.rates.get('r')?.size, 2);
  t.equal((await proxy.send(from('192.0.2.3'))).status, 503);
  t.equal((await proxy.send(from('192.0.2.1'))).status, 200, 'forgotten');
  t.equal(proxy.listener.stats.rateLimitClientsForgotten, 2);
});

t.test('a reload forgets nothing of a limit with the same name', async (t) => {
  const { proxy } = await guarded(t, { rateLimits: [{ ...rate, burst: 0 }] }, { manualTime: true });
  t.equal((await proxy.send(get)).status, 200);
  await proxy.runtime.apply(structuredClone(proxy.runtime.snapshot.mesh));
  t.equal(proxy.runtime.snapshot.version, 2);
  t.equal((await proxy.send(get)).status, 503);
});

t.test('who is exempt from one limit alone is held against the others', async (t) => {
  const exempt = ['127.0.0.0/8'];
  const one = { ...rate, burst: 0 };
  const cases = [
    [
      [one, { ...one, name: 'm', status: 429, exempt }],
      [200, 503],
    ],
    [
      [
        { ...one, exempt },
        { ...one, name: 'm', status: 429 },
      ],
      [200, 429],
    ],
    [
      [
        { ...one, exempt },
        { ...one, name: 'm', status: 429, exempt },
      ],
      [200, 200],
    ],
  ] as const;
  for (const [rateLimits, statuses] of cases) {
    const { proxy } = await guarded(t, { rateLimits }, { manualTime: true });
    for (const status of statuses) t.equal((await proxy.send(get)).status, status);
  }
});

t.test('requests at the same time', async (t) => {
  const hold: (() => void)[] = [];
  const admission = { ...nothing, concurrencyLimits: [few] };
  const script = (_request: unknown, connection: { socket: { write(text: string): void } }) => {
    hold.push(() => connection.socket.write(ok('late')));
    return null;
  };
  const { proxy } = await proxiedOrigin(t, script, { route: { admission } });
  const first = proxy.send(get);
  await proxy.until('first request', () => hold.length === 1);
  const second = await proxy.send(get);
  t.equal(second.status, 429);
  t.match(await proxy.ending(1), { flags: 'RL', details: 'concurrency_limited' });
  hold[0]?.();
  t.equal((await first).status, 200);
  const third = proxy.send(get);
  await proxy.until('third request', () => hold.length === 2);
  hold[1]?.();
  t.equal((await third).status, 200, 'its end makes room');
  t.equal(proxy.listener.stats.concurrencyLimited, 1);
});

t.test('a client that leaves makes room, too', async (t) => {
  const admission = { ...nothing, concurrencyLimits: [few] };
  const { proxy, origin } = await proxiedOrigin(t, () => null, { route: { admission } });
  for (let i = 1; i <= 3; i++) {
    const connection = await proxy.connect();
    connection.socket.write(get);
    await proxy.until('request', () => origin.requests.length === i);
    connection.socket.destroy();
    t.match(await proxy.ending(i), { flags: 'DC' });
  }
  const zone = proxy.runtime.snapshot.limitZones.concurrency.get('c');
  t.equal(zone?.active('127.0.0.1'), 0);
});

t.test('sources: what is denied, then what is allowed', async (t) => {
  const sourceIps = {
    deny: ['10.0.0.66', '2001:db8:bad::/48'],
    allow: ['10.0.0.0/8', '2001:db8::/32'],
  };
  const { proxy, origin } = await guarded(t, { sourceIps }, { http: trusting });
  const cases = [
    ['10.0.0.1', 200],
    ['10.0.0.66', 403],
    ['192.0.2.1', 403],
    ['2001:db8::1', 200],
    ['2001:DB8:BAD::1', 403],
    ['2001:db9::1', 403],
  ] as const;
  for (const [address, status] of cases) {
    t.equal((await proxy.send(from(address))).status, status, address);
  }
  t.equal(origin.requests.length, 2);
  t.equal((await proxy.send(from('10.0.0.66'))).body.toString(), 'RBAC: access denied');
  t.match(await proxy.ending(2), {
    flags: '-',
    details: 'rbac_access_denied_matched_policy[none]',
  });
  t.match(proxy.listener.stats, { rbacAllowed: 2, rbacDenied: 5 });
});

t.test('nobody trusts what a client says of its address', async (t) => {
  const { proxy } = await guarded(t, { sourceIps: { deny: [], allow: ['10.0.0.0/8'] } });
  t.equal((await proxy.send(from('10.0.0.1'))).status, 403);
});

t.test('a body that is announced as too large is not read', async (t) => {
  const { proxy, origin } = await guarded(t, { maxRequestBytes: 10 });
  t.equal((await proxy.send(postRequest('/', '0123456789'))).status, 200);
  const refused = await proxy.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n');
  t.equal(refused.status, 413);
  t.equal(refused.body.toString(), 'Payload Too Large');
  t.match(await proxy.ending(2), { flags: '-', details: 'request_payload_too_large' });
  t.equal(origin.requests.length, 1);
  t.equal(proxy.listener.stats.downstreamRqTooLarge, 1);
});

t.test('a body without a length ends where it is too large', async (t) => {
  const { proxy, origin } = await guarded(t, { maxRequestBytes: 10 });
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  t.equal((await proxy.send(`${head}a\r\n0123456789\r\n0\r\n\r\n`)).status, 200);
  const connection = await proxy.connect();
  connection.socket.write(`${head}5\r\n01234\r\n`);
  await proxy.until('half of it', () => proxy.listener.stats.downstreamRqActive === 1);
  connection.socket.write('6\r\n012345\r\n');
  const { status } = await connection.readResponse();
  t.equal(status, 413);
  t.match(await proxy.ending(2), { details: 'request_payload_too_large' });
  t.equal(origin.requests.length, 1, 'no endpoint has got all of it');
});

t.test('limits count the requests of a connection that stays', async (t) => {
  const { proxy } = await guarded(t, { rateLimits: [{ ...rate, burst: 0 }] }, { manualTime: true });
  const connection = await proxy.connect();
  connection.socket.write(get + get);
  const statuses = [
    (await connection.readResponse()).status,
    (await connection.readResponse()).status,
  ];
  t.same(statuses, [200, 503]);
});
