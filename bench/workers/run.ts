/**
 * How evenly connections are spread over workers, and what letting one in costs: SO_REUSEPORT
 * against the two ways of node:cluster. Run: npm run bench:workers -- --help
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../support/median.ts';
import type { Scheduling } from './group.ts';

const usage = `usage: npm run bench:workers -- [options]
  --workers N      processes; default 2
  --rounds N       groups of processes that are started and measured for each line; default 5
  --connections L  numbers of connections, separated by commas; default 8,64,1000
`;

const schedulings: readonly Scheduling[] = ['reuseport', 'round-robin', 'shared'];
/** Connections that are opened at a time. */
const atOnce = 32;

interface Round {
  /** Connections of the busiest worker, where 1 is an even share. */
  readonly imbalance: number;
  /** CPU time of all processes for each connection, microseconds. */
  readonly cpuUs: number;
}

async function openOne(port: number): Promise<{ socket: Socket; worker: string }> {
  const socket = connect(port, '127.0.0.1');
  const [data] = (await once(socket, 'data')) as [Buffer];
  return { socket, worker: String(data) };
}

async function measure(scheduling: Scheduling, workers: number, count: number): Promise<Round> {
  const group = fork(join(import.meta.dirname, 'group.ts'), [scheduling, String(workers)]);
  const [port] = (await once(group, 'message')) as [number];
  const cpu = async (): Promise<number> => {
    group.send('cpu');
    return ((await once(group, 'message')) as [number])[0];
  };
  const before = await cpu();
  const shares = new Map<string, number>();
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Math.min(atOnce, count - sockets.length);
    for (const { socket, worker } of await Promise.all(
      Array.from({ length: some }, () => openOne(port)),
    )) {
      sockets.push(socket);
      shares.set(worker, (shares.get(worker) ?? 0) + 1);
    }
  }
  const cpuUs = ((await cpu()) - before) / count;
  for (const socket of sockets) socket.destroy();
  group.disconnect();
  await once(group, 'exit');
  return { imbalance: (Math.max(...shares.values()) * workers) / count, cpuUs };
}

async function run(workers: number, rounds: number, counts: readonly number[]): Promise<void> {
  console.log('| connections | scheduling | busiest, even = 1 | worst round | CPU each, µs |');
  console.log('|---|---|---|---|---|');
  for (const count of counts) {
    for (const scheduling of schedulings) {
      const done: Round[] = [];
      for (let round = 0; round < rounds; round++) {
        done.push(await measure(scheduling, workers, count));
      }
      const imbalances = done.map(({ imbalance }) => imbalance);
      const cells = [
        median(imbalances).toFixed(2),
        Math.max(...imbalances).toFixed(2),
        median(done.map(({ cpuUs }) => cpuUs)).toFixed(0),
      ];
      console.log(`| ${[count, scheduling, ...cells].join(' | ')} |`);
    }
  }
}

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '8,64,1000' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else
  await run(
    Number(values.workers),
    Number(values.rounds),
    values.connections.split(',').map(Number),
  );
