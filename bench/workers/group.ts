/**
 * A group of processes that accept connections and say who they are: `node group.ts SCHEDULING N`.
 * Asked over its channel, it tells the CPU time of all of them.
 */

import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

export type Scheduling = 'reuseport' | 'round-robin' | 'shared';

/** Microseconds, of the user and the system. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function lead(scheduling: Scheduling, count: number): Promise<void> {
  cluster.schedulingPolicy = scheduling === 'round-robin' ? cluster.SCHED_RR : cluster.SCHED_NONE;
  const workers: Worker[] = [];
  let port = 0;
  for (let number = 0; number < count; number++) {
    // The cluster module knows a port that it chose by the 0 that was asked for.
    const asked = scheduling === 'reuseport' ? port : 0;
    const worker = cluster.fork({ BENCH_PORT: String(asked), BENCH_SCHEDULING: scheduling });
    [port] = (await once(worker, 'message')) as [number];
    workers.push(worker);
  }
  process.on('message', async () => {
    const answers = workers.map((worker) => once(worker, 'message') as Promise<[number]>);
    for (const worker of workers) worker.send('cpu');
    const times = await Promise.all(answers);
    process.send?.(times.reduce((sum, [time]) => sum + time, cpu()));
  });
  process.on('disconnect', () => process.exit());
  process.send?.(port);
}

function serve(): void {
  const reusePort = process.env.BENCH_SCHEDULING === 'reuseport';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(`${process.pid}\n`);
  });
  const options = { host: '127.0.0.1', port: Number(process.env.BENCH_PORT), backlog: 4096 };
  server.listen({ ...options, reusePort }, () => {
    process.send?.((server.address() as AddressInfo).port);
  });
  process.on('message', () => process.send?.(cpu()));
}

if (cluster.isPrimary) {
  await lead(process.argv[2] as Scheduling, Number(process.argv[3]));
} else {
  serve();
}
