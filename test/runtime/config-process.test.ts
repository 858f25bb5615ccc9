import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';

const module = join(import.meta.dirname, '../../src/runtime/config-process.ts');

t.test('the end of the proxy is its end, in silence', async (t) => {
  const started = fork(module, {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const { stderr } = started;
  if (stderr === null) throw new Error('standard error is a pipe');
  started.send({ flags: {}, firstBindablePort: 0 });
  started.send({ files: [{ path: 'a.yaml', text: 'a: b' }], findings: [] });
  // Before the answer has come.
  started.disconnect();
  const [printed, [code]] = await Promise.all([text(stderr), once(started, 'exit')]);
  t.equal(printed, '');
  t.equal(code, 0);
});
