/**
 * Brings listening sockets into a process that is no child of the one that has them. Node passes
 * sockets over the channel of a child alone, but such a channel may be any Unix socket that a child
 * is started with (NODE_CHANNEL_FD). So three roles are played by short-lived processes, each with
 * its channel at descriptor 3:
 *
 * - `send`: passes the descriptors from 4 on, which it was started with, up its channel.
 * - `receive`: takes them from its channel and starts a `send` with them, whose channel is the
 *   descriptor 4 of this one.
 * - `turn`: starts a `receive` whose channel is descriptor 4, and gives it its own channel as 4.
 *
 * The old proxy starts a `send` over the connection that both have, the new one a `turn`: what is
 * sent comes out of the channel that the new one has with its own child.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { handleOfDescriptor, type ListeningHandle } from '../../transport/listening-handle.ts';
import type { RelayMessage } from './descriptor-relay.ts';

const channel = 3;
/** The first descriptor behind the channel. */
const given = 4;

/** `descriptors`: what the child has from its channel on. */
function start(role: 'receive' | 'send', descriptors: readonly number[]): ChildProcess {
  const count = String(descriptors.length - 1);
  const child = spawn(process.execPath, [process.argv[1] as string, role, count], {
    env: { ...process.env, NODE_CHANNEL_FD: String(channel) },
    stdio: ['ignore', 'inherit', 'inherit', ...descriptors],
  });
  // Not before it: who has nobody else for its parent would become a zombie.
  child.on('exit', (code) => process.exit(code ?? 1));
  return child;
}

function turn(): void {
  start('receive', [given, channel]);
  // What is said on it is for others now.
  process.disconnect?.();
}

function receive(): void {
  const handles: ListeningHandle[] = [];
  let passed = false;
  process.on('message', ({ kind }: RelayMessage, handle: unknown) => {
    if (kind === 'socket') {
      handles.push(handle as ListeningHandle);
      return;
    }
    passed = true;
    start('send', [given, ...handles.map(({ fd }) => fd)]);
    process.disconnect?.();
  });
  process.on('disconnect', () => {
    if (!passed) process.exit(1);
  });
}

function send(count: number): void {
  process.on('disconnect', () => process.exit());
  for (let index = 0; index < count; index++) say({ kind: 'socket' }, given + index);
  say({ kind: 'end' });
}

function say(message: RelayMessage, fd?: number): void {
  const handle = fd === undefined ? undefined : handleOfDescriptor(fd);
  // The types of Node do not know that it may be one. That nobody hears is told by `disconnect`.
  process.send?.(message, handle as never, undefined, () => undefined);
}

const [role, count] = process.argv.slice(2);
if (role === 'turn') turn();
else if (role === 'receive') receive();
else send(Number(count));
