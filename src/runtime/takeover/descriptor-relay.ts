/** Listening sockets over a Unix socket between two proxies: see `descriptor-relay-process.ts`. */

import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { programModule } from '../../base/program-files.ts';
import type { Timers } from '../../base/timers.ts';
import type { ListeningHandle } from '../../transport/listening-handle.ts';

/** What comes out of the relay. */
export type RelayMessage =
  /** With a listening socket. */
  { readonly kind: 'socket' } | { readonly kind: 'end' };

/** Longer than three processes take to start on a slow machine. */
const relayMs = 30_000;

/** `connection` has not been read, and is the relay's from now on. */
export function sendSockets(connection: Socket, handles: readonly ListeningHandle[]): ChildProcess {
  const child = spawn(process.execPath, [...relayArgs(), 'send', String(handles.length)], {
    env: { ...process.env, NODE_CHANNEL_FD: '3' },
    stdio: ['ignore', 'inherit', 'inherit', connection, ...handles.map(({ fd }) => fd)],
  });
  // The other side notices that nothing comes.
  child.on('error', () => undefined);
  connection.destroy();
  return child;
}

/** Those that are sent at the other end of `connection`; rejects with a line for the user. */
export function receiveSockets(
  connection: Socket,
  timers: Timers,
): Promise<readonly ListeningHandle[]> {
  const child = spawn(process.execPath, [...relayArgs(), 'turn'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', connection],
  });
  connection.destroy();
  const handles: ListeningHandle[] = [];
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      timer.cancel();
      for (const handle of handles) handle.close();
      reject(new Error(`its listening sockets did not arrive: ${reason}`));
    };
    const timer = timers.set(relayMs, () => {
      child.kill();
      fail(`not within ${relayMs / 1000} s`);
    });
    child.on('error', ({ message }) => fail(message));
    // The last of all: those behind it have ended then.
    child.on('exit', (code, signal) => fail(signal ?? `exit code ${code}`));
    child.on('message', ({ kind }: RelayMessage, handle: unknown) => {
      if (kind === 'socket') {
        handles.push(handle as ListeningHandle);
        return;
      }
      timer.cancel();
      child.removeAllListeners('exit');
      child.disconnect();
      resolve(handles);
    });
  });
}

function relayArgs(): readonly string[] {
  const module = programModule('runtime/takeover/descriptor-relay-process');
  // Not `process.execArgv`: a debugger's port or a profile is the proxy's own.
  return [fileURLToPath(module)];
}
