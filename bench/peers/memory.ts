/** How much memory a proxy takes: before the first request, and for connections that wait. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { residentMiB } from '../support/process-stats.ts';
import type { Case } from './cases.ts';
import type { RunningPeer } from './group.ts';
import { rounded, warmUp } from './measure.ts';
import { authority, measuredPath, responseBody } from './policy.ts';

const idleConnections = 10_000;
/** Files that a process has open beside its connections. */
const otherFiles = 500;
const atOnce = 50;
/** An address has no more than some 28,000 free ports. */
const connectionsOfAddress = 1_000;
/** What a start needs is gone by then. */
const startedMs = 12_000;
/** What requests need is gone by then. */
const settleMs = 2_000;

/** Why it cannot be measured here, or null. */
export function memoryHindrance(): string | null {
  // Node has raised its own limit as far as it may, and proxies inherit it.
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 0);
  const needed = idleConnections + otherFiles;
  return files < needed ? `needs ${needed} open files, the limit is ${files} (ulimit -n)` : null;
}

/** Of proxies that have seen no request yet, MiB in the same order. */
export async function measureIdle(started: readonly RunningPeer[]): Promise<readonly number[]> {
  await pause(startedMs);
  return started.map(({ process }) => rounded(residentMiB(process.pid)));
}

/** What a connection that waits adds to what is resident, KiB. */
export async function measureConnection(running: RunningPeer, of: Case): Promise<number> {
  const { pid } = running.process;
  // Connections are not to pay for what the first requests of a process need.
  await warmUp(running, of);
  await pause(settleMs);
  const before = residentMiB(pid);
  const sockets = await openIdle(running.setup.port);
  try {
    await pause(settleMs);
    return rounded(((residentMiB(pid) - before) * 1024) / idleConnections);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** Kept-alive connections that have had one answer each. */
async function openIdle(port: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < idleConnections) {
    const address = `127.0.0.${2 + Math.floor(sockets.length / connectionsOfAddress)}`;
    const some = Array.from({ length: atOnce }, () => openOne(port, address));
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

async function openOne(port: number, localAddress: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  socket.write(`GET ${measuredPath} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  let received = '';
  while (!received.includes(responseBody)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    received += chunk.toString('latin1');
  }
  // A proxy that closes it shows in its memory.
  socket.on('error', () => undefined);
  return socket;
}
