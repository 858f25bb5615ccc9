/** Signals at odd moments, and an end that an unread access log must not put off. */

import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { spawnBound } from '../support/bound-child.ts';
import { eventually, within } from '../support/deadline.ts';
import { edgeConfig, startEdgeProxy } from '../support/edge-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { ok, scriptedOrigin } from '../support/scripted-origin.ts';
import { sluiceMain } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A proxy without admin API whose standard output is a pipe that is open and never read. */
async function startUnread(t: Test) {
  const folder = tempFolder({ 'edge.yaml': edgeConfig(await freePort()) });
  const pipe = join(folder.path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(pipe, constants.O_WRONLY);
  const port = await freePort();
  const args = ['-f', join(folder.path, 'edge.yaml'), '--port', `8080=${port}`];
  // Whoever asks gets a 503, whose line is as long as wanted.
  args.push(
    '--outbound',
    'off',
    '--admin',
    'off',
    '--access-log-format',
    `${'x'.repeat(50_000)}%PROTOCOL%`,
  );
  const child = spawnBound(process.execPath, [sluiceMain, 'run', ...args], {
    stdio: ['ignore', writer, 'pipe'],
  });
  closeSync(writer);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<number | null>((done) => child.once('exit', done));
  t.teardown(() => {
    child.kill('SIGKILL');
    closeSync(reader);
    folder.remove();
  });
  await eventually('readiness', { within: 20_000 }, () => {
    if (child.exitCode !== null) throw new Error(stderr);
    return stderr.includes('sluice: ready');
  });
  return { child, port, exited };
}

t.test('an access log that nobody reads does not put off the end', async (t) => {
  const { child, port, exited } = await startUnread(t);
  for (let i = 0; i < 20; i++) await exchange(getRequest('/', 'a'), { port });
  child.kill('SIGTERM');
  t.equal(await within(10_000, 'the end', exited), 0);
});

t.test('SIGUSR1 opens no debugger, neither here nor in the process that reads', async (t) => {
  const edge = await startEdgeProxy({ originPort: await freePort() });
  t.teardown(() => edge.stop());
  const { pid } = edge.proxy;
  const children = childrenOf(pid);
  t.equal(children.length, 1, 'it has just read its configuration');
  for (const process_ of [pid, ...children]) process.kill(process_, 'SIGUSR1');
  t.equal((await edge.proxy.admin('/ready')).status, 200);
  edge.proxy.signal('SIGTERM');
  const { code, stderr } = await edge.proxy.exited();
  t.equal(code, 0);
  t.notMatch(stderr, /Debugger/);
});

t.test('SIGHUP and SIGUSR1 during the start wait for its end', async (t) => {
  // The first check of the only endpoint comes while the proxy is on its way.
  const origin = await scriptedOrigin(() => {
    for (const pid of childrenOf(process.pid)) {
      process.kill(pid, 'SIGUSR1');
      process.kill(pid, 'SIGHUP');
    }
    return ok('well');
  });
  const documents = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: origin
  annotations: {sluice.dev/health-check: "{httpHealthCheck: {path: /}}"}
spec: {host: origin.test}
`;
  const edge = await startEdgeProxy({ originPort: origin.port, documents });
  t.teardown(() => Promise.all([edge.stop(), origin.stop()]));
  await eventually('the reload', { within: 10_000 }, () =>
    edge.proxy.stderr.includes('configuration applied'),
  );
  t.notMatch(edge.proxy.stderr, /Debugger/);
});

function childrenOf(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const lists = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1'));
  return lists.join(' ').split(/\s+/).filter(Boolean).map(Number);
}
