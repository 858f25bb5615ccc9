import { createServer } from 'node:net';
import t from 'tap';
import { type BindRights, firstBindablePort } from '../../src/runtime/privileged-ports.ts';

/** Whether binding fails for want of permission, as the system says. */
function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EACCES'));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
}

t.test('the answer is that of the system', async (t) => {
  for (const port of [80, 1000]) t.equal(firstBindablePort() > port, await isRefused(port));
});

const none = 'Name:\tnode\nCapEff:\t0000000000000000\nCapBnd:\t000001fffeffffff\n';
const bind = 'Name:\tnode\nCapEff:\t0000000000000400\nCapBnd:\t000001fffeffffff\n';
const user: BindRights = { platform: 'linux', uid: 1000, status: none, portStart: '1024\n' };

t.test('the capability counts, and the setting of the system', async (t) => {
  const table: readonly (readonly [string, BindRights, number])[] = [
    ['a user', user, 1024],
    ['a user with CAP_NET_BIND_SERVICE', { ...user, status: bind }, 0],
    ['root without it', { ...user, uid: 0 }, 1024],
    ['a system that reserves less', { ...user, portStart: '80\n' }, 80],
    ['a container of Docker', { ...user, portStart: '0\n' }, 0],
    ['no setting', { ...user, portStart: null }, 1024],
    ['root of another Unix', { platform: 'freebsd', uid: 0, status: null, portStart: null }, 0],
    ['a user there', { platform: 'freebsd', uid: 1, status: null, portStart: null }, 1024],
    ['macOS', { platform: 'darwin', uid: 1, status: null, portStart: null }, 0],
  ];
  for (const [name, rights, expected] of table) t.equal(firstBindablePort(rights), expected, name);
});
