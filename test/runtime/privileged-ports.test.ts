import { createServer } from 'node:net';
import t from 'tap';
import { canBindPrivilegedPorts } from '../../src/runtime/privileged-ports.ts';

/** Whether binding fails for want of permission, as the system says. */
function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EACCES'));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
}

t.test('the answer is that of the system', async (t) => {
  t.equal(canBindPrivilegedPorts(), !(await isRefused(80)));
});
