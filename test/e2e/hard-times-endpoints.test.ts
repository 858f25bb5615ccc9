/**
 * Endpoints that are there and are not: processes that are stopped, of which the kernel still takes
 * connections and bytes, and ports whose kernel does not even do that.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { spawnBound } from '../support/bound-child.ts';
import { eventually } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { exchange, getRequest } from '../support/raw-client.ts';
import { SluiceProcess } from '../support/sluice-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** Answers with its name. */
const program = `
const server = require('node:http').createServer((_, answer) => answer.end(process.argv[1]));
server.keepAliveTimeout = 0;
server.listen({port: 0, host: '127.0.0.1', backlog: Number(process.argv[2])}, () => console.log(server.address().port));
`;

class Workload {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(t: Test, name: string, backlog = 511): Promise<Workload> {
    const child = spawnBound(process.execPath, ['-e', program, name, String(backlog)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    t.teardown(() => child.kill('SIGKILL'));
    const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, 'data')) as [
      Buffer,
    ];
    return new Workload(child, Number(line));
  }

  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child.kill('SIGCONT');
  }
}

function rules(ports: readonly number[], route: string, policy: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: web}
spec:
  hosts: [web.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints:
${ports.map((port) => `  - {address: 127.0.0.1, ports: {http: ${port}}}`).join('\n')}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec: {host: web.test, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}, ${policy}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web.test]
  http: [{route: [{destination: {host: web.test}}], ${route}}]
`;
}

async function start(t: Test, text: string) {
  const folder = tempFolder({ 'web.yaml': text });
  const port = await freePort();
  const args = ['-f', folder.path, '--outbound', `127.0.0.1:${port}=80`, '--access-log', '-'];
  const proxy = await SluiceProcess.start(args);
  t.teardown(async () => {
    await proxy.kill();
    folder.remove();
  });
  return {
    proxy,
    /** Statuses or bodies of so many requests. */
    ask: async (count: number): Promise<string[]> => {
      const seen: string[] = [];
      for (let i = 0; i < count; i++) {
        const { status, body } = await exchange(getRequest('/', 'web.test'), { port });
        seen.push(status === 200 ? body.toString() : String(status));
      }
      return seen;
    },
    stat: async (name: string): Promise<number> => {
      const { body } = await proxy.admin(`/stats?filter=web.test.*%5C.${name}$`);
      return Number(/: (\d+)/.exec(body)?.[1]);
    },
  };
}

t.test(
  'an endpoint that is stopped: its kept connections are dead, and requests go on',
  async (t) => {
    const [one, other] = [await Workload.start(t, 'one'), await Workload.start(t, 'other')];
    const retries = 'timeout: 5s, retries: {attempts: 2, perTryTimeout: 300ms, retryOn: 5xx}';
    const { ask, stat } = await start(t, rules([one.port, other.port], retries, ''));
    t.same(new Set(await ask(6)), new Set(['one', 'other']), 'both have a connection');
    one.stop();
    t.same(new Set(await ask(6)), new Set(['other']), 'each is tried again elsewhere');
    t.ok((await stat('upstream_rq_per_try_timeout')) >= 2);
    t.ok((await stat('upstream_rq_retry_success')) >= 2);
    one.goOn();
    await eventually('it serves again', { within: 5_000 }, async () => {
      return (await ask(2)).includes('one');
    });
  },
);

t.test('without retries the timeout of the route ends the wait', async (t) => {
  const workload = await Workload.start(t, 'one');
  const { ask, proxy } = await start(
    t,
    rules([workload.port], 'timeout: 300ms, retries: {attempts: 0}', ''),
  );
  t.same(await ask(1), ['one']);
  workload.stop();
  t.same(await ask(2), ['504', '504']);
  await eventually('the log', { within: 5_000 }, () =>
    /" 504 UT response_timeout - /.test(proxy.stdout),
  );
  workload.goOn();
  t.same(await ask(2), ['one', 'one']);
});

/** Connections until the kernel takes no more of them: the next one gets no answer at all. */
async function fillBacklog(t: Test, port: number): Promise<void> {
  const sockets: Socket[] = [];
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let i = 0; i < 8; i++) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 200)),
    ]);
    if (!isOpen) return;
  }
  throw new Error('the backlog does not fill up');
}

t.test('an endpoint that does not even answer a connect', async (t) => {
  const [silent, other] = [await Workload.start(t, 'silent', 1), await Workload.start(t, 'other')];
  silent.stop();
  await fillBacklog(t, silent.port);
  const policy = 'connectionPool: {tcp: {connectTimeout: 200ms}}';
  const retried = 'retries: {attempts: 2, retryOn: connect-failure}';
  const { ask, stat } = await start(t, rules([silent.port, other.port], retried, policy));
  t.same(await ask(4), ['other', 'other', 'other', 'other']);
  t.ok((await stat('upstream_cx_connect_timeout')) >= 1);

  const alone = await start(t, rules([silent.port], 'retries: {attempts: 0}', policy));
  t.same(await alone.ask(1), ['503']);
  await eventually('the log', { within: 5_000 }, () => /" 503 UF,?\S* /.test(alone.proxy.stdout));
});
