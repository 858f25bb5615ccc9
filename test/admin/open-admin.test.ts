import { get } from 'node:http';
import t, { type Test } from 'tap';
import { lentAdmin, type OpenAdmin, openAdmin } from '../../src/admin/open-admin.ts';
import type { AdminBinding } from '../../src/config/settings/merge-listeners.ts';
import { testState } from './running-state-fixture.ts';

const place: AdminBinding = { address: '127.0.0.1', port: 0, hosts: ['proxy.test'] };

async function opened(t: Test, address = place): Promise<OpenAdmin> {
  const result = await openAdmin(testState(), address, null);
  if (!result.ok || result.value === null) throw new Error('it can be opened');
  const { value: admin } = result;
  t.teardown(() => admin.server.close());
  return admin;
}

function statusOf(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = { host: '127.0.0.1', port, path: '/ready', headers: { host }, agent: false };
    get(asked, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

t.test('it answers at its address, to the names that are configured', async (t) => {
  const { bound } = await opened(t);
  t.equal(bound.address, '127.0.0.1');
  const rows = [
    ['127.0.0.1', 200],
    ['proxy.test', 200],
    ['other.test', 403],
  ] as const;
  for (const [host, status] of rows) t.equal(await statusOf(bound.port, host), status, host);
});

t.test('off is no failure', async (t) => {
  t.strictSame(await openAdmin(testState(), null, null), { ok: true, value: null });
});

t.test('a port that is taken is told with who has it', async (t) => {
  const { bound } = await opened(t);
  const again = await openAdmin(testState(), { ...place, port: bound.port }, null);
  t.match(again, { ok: false, error: /: another sluice .*has the port; stop it, take its place/ });
});

t.test('what is lent goes on in the hands of another', async (t) => {
  const admin = await opened(t);
  const lent = lentAdmin(admin, { ...place, address: 'localhost' });
  t.match(lent, { address: 'localhost', port: admin.bound.port }, 'as it is configured');
  t.equal(lentAdmin(admin, null).address, '127.0.0.1');
  const taken = await openAdmin(testState(), { ...place, port: lent.port }, lent.handle());
  if (!taken.ok || taken.value === null) throw new Error('it has the socket already');
  const { server, bound } = taken.value;
  t.equal(bound.port, lent.port);
  t.equal(await statusOf(bound.port, '127.0.0.1'), 200);
  await server.close();
});
