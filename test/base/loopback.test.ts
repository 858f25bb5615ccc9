import t from 'tap';
import { isLoopback } from '../../src/base/loopback.ts';

t.test('loopback is 127.0.0.0/8 and ::1, however they are written', async (t) => {
  for (const address of ['127.0.0.1', '127.9.8.7', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1']) {
    t.ok(isLoopback(address), address);
  }
  for (const address of ['0.0.0.0', '::', '10.0.0.1', '::2', '::ffff:10.0.0.1', 'localhost', '']) {
    t.notOk(isLoopback(address), address);
  }
});
