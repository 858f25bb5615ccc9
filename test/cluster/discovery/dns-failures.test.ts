/** Endpoints by name while a DNS server on loopback fails in each of its ways. */

import { createSocket, type RemoteInfo } from 'node:dgram';
import t, { type Test } from 'tap';
import {
  DnsDiscovery,
  type DnsEvent,
  defaultDnsRefresh,
} from '../../../src/cluster/discovery/dns-discovery.ts';
import { SystemResolver } from '../../../src/cluster/discovery/system-resolver.ts';
import type { ClusterDiscovery } from '../../../src/model/cluster.ts';
import { endpointModel } from '../../support/cluster-models.ts';
import { eventually } from '../../support/deadline.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { ClusterFixture } from '../cluster-fixture.ts';

/** An address, a code of RFC 1035 4.1.1, or nothing at all. */
type Answer = string | 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED' | 'empty' | 'silence' | 'garbage';

const codes: Readonly<Record<string, number>> = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };
const name = 'orders.example';

class DnsServer {
  answer: Answer = '10.0.0.1';
  asked = 0;

  static async start(t: Test): Promise<{ server: DnsServer; address: string }> {
    const server = new DnsServer();
    const socket = createSocket('udp4');
    socket.on('message', (query: Buffer, peer: RemoteInfo) => {
      server.asked++;
      const reply = server.#reply(query);
      if (reply !== null) socket.send(reply, peer.port, peer.address);
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    t.teardown(() => socket.close());
    return { server, address: `127.0.0.1:${socket.address().port}` };
  }

  /** null: none. */
  #reply(query: Buffer): Buffer | null {
    if (this.answer === 'silence') return null;
    if (this.answer === 'garbage')
      return Buffer.concat([query.subarray(0, 2), Buffer.alloc(7, 0xff)]);
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | (codes[this.answer] ?? 0), 2);
    const isIPv4 = question.readUInt16BE(question.length - 4) === 1;
    const records = isIPv4 && this.answer.includes('.') ? [recordA(this.answer)] : [];
    head.writeUInt16BE(records.length, 6);
    head.writeUInt32BE(0, 8);
    return Buffer.concat([head, question, ...records]);
  }
}

/** For 30 s; its name is that of the question. */
function recordA(address: string): Buffer {
  const fields = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4]);
  return Buffer.concat([fields, Buffer.from(address.split('.').map(Number))]);
}

async function setUp(t: Test, discovery: ClusterDiscovery) {
  const { server, address } = await DnsServer.start(t);
  const cluster = new ClusterFixture().create({
    discovery,
    endpoints: [endpointModel(80, { address: name })],
  });
  const timers = new ManualTimers(new ManualClock());
  // Nobody else knows the name.
  const lookup = (): Promise<never> =>
    Promise.reject(
      Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }),
    );
  const resolver = new SystemResolver({ servers: [address], lookup, queryTimeoutMs: 50 });
  const events: DnsEvent[] = [];
  const onEvent = (event: DnsEvent): void => void events.push(event);
  const found = new DnsDiscovery(cluster, {
    resolver,
    timers,
    refresh: defaultDnsRefresh,
    onEvent,
  });
  t.teardown(() => found.stop());
  await found.start();
  const attempts = (): number => {
    const { updateSuccess, updateFailure, updateEmpty } = cluster.stats;
    return updateSuccess + updateFailure + updateEmpty;
  };
  return {
    cluster,
    events,
    keys: () => cluster.endpoints.map(({ key }) => key),
    /** Asks once more, when the last answer has run out. */
    async next(answer: Answer): Promise<void> {
      server.answer = answer;
      const before = attempts();
      timers.advance(30_000);
      await eventually(answer, { within: 10_000, every: 2 }, () => attempts() > before);
    },
  };
}

for (const answer of ['SERVFAIL', 'REFUSED', 'silence', 'garbage'] as const) {
  t.test(`${answer}: the last good addresses serve on, until there are others`, async (t) => {
    const { cluster, keys, events, next } = await setUp(t, 'strict-dns');
    t.same(keys(), ['10.0.0.1:80']);
    await next(answer);
    t.same(keys(), ['10.0.0.1:80']);
    t.match(cluster.stats, { updateSuccess: 1, updateFailure: 1, updateEmpty: 0 });
    await next(answer);
    t.same(keys(), ['10.0.0.1:80']);
    await next('10.0.0.9');
    t.same(keys(), ['10.0.0.9:80']);
    t.match(events, [
      { kind: 'failed', name, endpoints: 1, reason: /\S/ },
      { kind: 'resolved', name, endpoints: 1, reason: '' },
    ]);
    t.equal(events.length, 2, 'told once, whatever comes between');
  });
}

for (const answer of ['NXDOMAIN', 'empty'] as const) {
  t.test(`${answer} is an answer: endpoints go, but for logical-dns`, async (t) => {
    for (const [kind, left] of [
      ['strict-dns', []],
      ['logical-dns', ['10.0.0.1:80']],
    ] as const) {
      const { cluster, keys, events, next } = await setUp(t, kind);
      await next(answer);
      t.same(keys(), left);
      t.match(cluster.stats, { updateSuccess: 1, updateFailure: 0, updateEmpty: 1 });
      // A server that fails after that does not bring the old address back.
      await next('SERVFAIL');
      t.same(keys(), left);
      await next('10.0.0.1');
      t.same(keys(), ['10.0.0.1:80']);
      t.same(
        events.map((event) => event.kind),
        ['empty', 'failed', 'resolved'],
      );
    }
  });
}

t.test('a name that is not there at first is used once it is', async (t) => {
  const { server, address } = await DnsServer.start(t);
  server.answer = 'SERVFAIL';
  const endpoints = [endpointModel(80, { address: name })];
  const cluster = new ClusterFixture().create({ discovery: 'strict-dns', endpoints });
  const timers = new ManualTimers(new ManualClock());
  const lookup = (): Promise<never> => Promise.reject(new Error('unknown'));
  const resolver = new SystemResolver({ servers: [address], lookup });
  const events: DnsEvent[] = [];
  const dependencies = { resolver, timers, refresh: defaultDnsRefresh };
  const onEvent = (event: DnsEvent): void => void events.push(event);
  const found = new DnsDiscovery(cluster, { ...dependencies, onEvent });
  t.teardown(() => found.stop());
  await found.start();
  t.same(cluster.endpoints, []);
  t.match(events, [{ kind: 'failed', endpoints: 0, reason: 'unknown' }]);
  server.answer = '10.0.0.7';
  timers.advance(defaultDnsRefresh.failureMs);
  await eventually('the address', { within: 5_000 }, () => cluster.endpoints.length === 1);
  t.equal(cluster.endpoints[0]?.key, '10.0.0.7:80');
});
