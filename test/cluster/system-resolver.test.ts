import { createSocket } from 'node:dgram';
import t, { type Test } from 'tap';
import { SystemResolver } from '../../src/cluster/system-resolver.ts';

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

/** Reserved for names that nobody has (RFC 6761). */
const absent = 'sluice.invalid';

t.test('that there is no address is an answer', async (t) => {
  for (const code of [0, 3]) {
    const resolver = new SystemResolver([await dnsServer(t, code)]);
    const answer = await resolver.resolve(absent).catch((error) => error.code);
    // Without a network the system itself knows nothing.
    if (answer === 'EAI_AGAIN') t.pass('the system cannot say');
    else t.same(answer, { addresses: [], ttlSeconds: null });
  }
});

t.test('a server that cannot say is a failure', async (t) => {
  const resolver = new SystemResolver([await dnsServer(t, 2)]);
  await t.rejects(resolver.resolve(absent));
});

t.test('a name of the hosts file is known without DNS', async (t) => {
  const answer = await new SystemResolver().resolve('localhost');
  t.ok(answer.addresses.includes('127.0.0.1') || answer.addresses.includes('::1'));
  t.equal(answer.ttlSeconds, null);
});

t.test('a name that cannot exist is refused', async (t) => {
  await t.rejects(new SystemResolver().resolve('no-such-host-'.repeat(20)));
});
