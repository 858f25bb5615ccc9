import t from 'tap';
import { SystemResolver } from '../../src/cluster/system-resolver.ts';

t.test('a name of the hosts file is known without DNS', async (t) => {
  const answer = await new SystemResolver().resolve('localhost');
  t.ok(answer.addresses.includes('127.0.0.1') || answer.addresses.includes('::1'));
  t.equal(answer.ttlSeconds, null);
});

t.test('a name that cannot exist is refused', async (t) => {
  await t.rejects(new SystemResolver().resolve('no-such-host-'.repeat(20)));
});
