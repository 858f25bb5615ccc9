/**
 * What clients lose when one process takes the place of another under a load of new connections: by
 * SO_REUSEPORT (the new one binds beside the old one, which closes), and by passing the socket.
 * Run: node bench/takeover/run.ts --help
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ListeningHandle } from '../../src/transport/listening-handle.ts';
import type { Command } from './acceptor.ts';

const usage = `usage: node bench/takeover/run.ts [options]
  --swaps N    how often one takes the place of the other, for each way; default 100
  --clients N  clients that connect, each again when it was answered; default 64
`;

type Way = 'SO_REUSEPORT' | 'passed socket';

class Clients {
  connections = 0;
  /** By code. */
  readonly failures = new Map<string, number>();
  readonly #done: Promise<void>[];
  #ends = false;

  constructor(port: number, count: number) {
    this.#done = Array.from({ length: count }, () => this.#go(port));
  }

  async stop(): Promise<void> {
    this.#ends = true;
    await Promise.all(this.#done);
  }

  async #go(port: number): Promise<void> {
    while (!this.#ends) {
      const problem = await new Promise<string | null>((resolve) => {
        let answered = false;
        const socket = connect(port, '127.0.0.1');
        socket.on('data', () => {
          answered = true;
        });
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
        socket.on('close', () => resolve(answered ? null : 'closed'));
      });
      this.connections++;
      if (problem !== null) this.failures.set(problem, (this.failures.get(problem) ?? 0) + 1);
    }
  }
}

/** What it answers: a value, and perhaps a socket. */
async function tell(
  child: ChildProcess,
  command: Command,
  handle?: ListeningHandle,
): Promise<readonly [unknown, ListeningHandle | undefined]> {
  const answered = once(child, 'message');
  // The types of Node do not know that it may be one.
  child.send(command, handle as never);
  return (await answered) as [unknown, ListeningHandle | undefined];
}

async function replace(way: Way, port: number, old: ChildProcess, next: ChildProcess) {
  if (way === 'SO_REUSEPORT') {
    await tell(next, { kind: 'begin', port });
  } else {
    const [, handle] = await tell(old, { kind: 'lend' });
    await tell(next, { kind: 'begin', port: null }, handle);
    handle?.close();
  }
  await tell(old, { kind: 'stop' });
}

async function measure(way: Way, swaps: number, clientCount: number): Promise<string> {
  const children = [0, 1].map(() => fork(join(import.meta.dirname, 'acceptor.ts')));
  const [first, second] = children as [ChildProcess, ChildProcess];
  const [port] = (await tell(first, { kind: 'begin', port: 0 })) as [number, undefined];
  const clients = new Clients(port, clientCount);
  const turns = [first, second];
  for (let swap = 0; swap < swaps; swap++) {
    const [old, next] = [turns[swap % 2], turns[(swap + 1) % 2]] as [ChildProcess, ChildProcess];
    await replace(way, port, old, next);
  }
  await clients.stop();
  for (const child of children) child.disconnect();
  const lost = [...clients.failures.values()].reduce((sum, count) => sum + count, 0);
  const kinds = [...clients.failures].map(([code, count]) => `${count} ${code}`).join(', ');
  return `| ${way} | ${swaps} | ${clients.connections} | ${lost} | ${kinds || '–'} |`;
}

const { values } = parseArgs({
  options: {
    swaps: { type: 'string', default: '100' },
    clients: { type: 'string', default: '64' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else {
  console.log('| way | takeovers | connections | lost | of them |');
  console.log('|---|---|---|---|---|');
  for (const way of ['SO_REUSEPORT', 'passed socket'] as const) {
    console.log(await measure(way, Number(values.swaps), Number(values.clients)));
  }
}
