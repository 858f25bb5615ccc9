import { createSocket } from 'node:dgram';
import t, { type Test } from 'tap';
import { SystemResolver } from '../../../src/cluster/discovery/system-resolver.ts';

/** A DNS server that answers every query with this code and no record (RFC 1035, 4.1.1). */
async function dnsServer(t: Test, code: number): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (query, peer) => {
    const answer = Buffer.from(query);
    answer.writeUInt16BE(0x8180 | code, 2);
    socket.send(answer, peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.teardown(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

const name = 'orders.example';

/** A system that fails so. */
function failing(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(code), { code }));
}

t.test('that there is no address is an answer, unless the system cannot say', async (t) => {
  for (const code of [0, 3]) {
    const servers = [await dnsServer(t, code)];
    const absent = new SystemResolver({ servers, lookup: failing('ENOTFOUND') });
    t.same(await absent.resolve(name), { addresses: [], ttlSeconds: null });
    const unsure = new SystemResolver({ servers, lookup: failing('EAI_AGAIN') });
    await t.rejects(unsure.resolve(name), { code: 'EAI_AGAIN' });
  }
});

t.test('what the servers do not know, the system may, and IPv4 is preferred', async (t) => {
  const found = [
    { address: '::1', family: 6 },
    { address: '10.0.0.1', family: 4 },
  ];
  for (const code of [0, 2, 3]) {
    const servers = [await dnsServer(t, code)];
    const resolver = new SystemResolver({ servers, lookup: async () => found });
    t.same(await resolver.resolve(name), { addresses: ['10.0.0.1'], ttlSeconds: null });
  }
});

t.test('a server that cannot say is a failure where the system knows nothing', async (t) => {
  const servers = [await dnsServer(t, 2)];
  const resolver = new SystemResolver({ servers, lookup: failing('ENOTFOUND') });
  await t.rejects(resolver.resolve(name), { code: 'ENOTFOUND' });
});

t.test('a name of the hosts file is known without DNS', async (t) => {
  const answer = await new SystemResolver().resolve('localhost');
  t.ok(answer.addresses.includes('127.0.0.1') || answer.addresses.includes('::1'));
  t.equal(answer.ttlSeconds, null);
});

t.test('a name that cannot exist is refused', async (t) => {
  await t.rejects(new SystemResolver().resolve('no-such-host-'.repeat(20)));
});
