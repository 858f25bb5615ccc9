/**
 * The new side of a takeover: this process gets the listening sockets of a running proxy, and tells
 * it to go when it serves itself. Until then the other serves, whatever happens here.
 */

import { lstat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { programVersion } from '../../base/program-version.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Timers } from '../../base/timers.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { type AdminPlace, askInvitation } from './ask-invitation.ts';
import { receiveSockets } from './descriptor-relay.ts';
import { InheritedSockets } from './inherited-sockets.ts';
import { LineConnection } from './line-connection.ts';
import { type FromNew, type FromOld, socketName } from './takeover-protocol.ts';

/** Longer than workers may take to hand over their sockets. */
const offerMs = 30_000;

/** It has only to close what it listens on. */
const goneMs = 10_000;

export class Takeover {
  readonly sockets: InheritedSockets;
  /** Process id of the other. */
  readonly pid: number;
  /** Of the other: of the program. */
  readonly version: string;
  readonly #other: LineConnection<FromOld, FromNew>;

  private constructor(
    sockets: InheritedSockets,
    other: LineConnection<FromOld, FromNew>,
    { pid, version }: Pick<Takeover, 'pid' | 'version'>,
  ) {
    this.sockets = sockets;
    this.#other = other;
    this.pid = pid;
    this.version = version;
  }

  /** From the proxy whose admin API is at `admin`. The error is one line for the user. */
  static async begin(admin: AdminPlace, timers: Timers): Promise<Result<Takeover, string>> {
    const invitation = await askInvitation(admin, timers);
    if (!invitation.ok) return invitation;
    const { folder } = invitation.value;
    try {
      const doubt = await distrust(folder);
      if (doubt !== null) return err(doubt);
      const path = join(folder, socketName);
      const other = new LineConnection<FromOld, FromNew>(await connectTo(path), timers);
      const sockets = await receive(other, path, timers);
      if (sockets.ok) return ok(new Takeover(sockets.value, other, invitation.value));
      other.close();
      return sockets;
    } catch (error) {
      return err((error as Error).message);
    }
  }

  /**
   * This process serves. Resolves when the other has gone, or has had its time for it: nothing here
   * depends on one that is stopped or hangs.
   */
  async complete(log: Logger): Promise<void> {
    this.#other.send({ kind: 'serving', pid: process.pid, version: programVersion() });
    const said = await this.#other.nextWithin(goneMs);
    if (said?.kind !== 'gone') {
      const { pid } = this;
      log.warning('the process whose place this one takes has not said that it goes', { pid });
    }
    this.#other.close();
  }

  /** The other goes on. */
  abandon(): void {
    this.sockets.closeRest();
    this.#other.close();
  }
}

/** What the other offers. */
async function receive(
  other: LineConnection<FromOld, FromNew>,
  path: string,
  timers: Timers,
): Promise<Result<InheritedSockets, string>> {
  const offer = await other.nextWithin(offerMs);
  if (offer?.kind !== 'offer') {
    return err('the running proxy has ended, thought better of it, or does not answer');
  }
  const { sockets } = offer;
  if (sockets.length === 0) return ok(new InheritedSockets());
  try {
    const handles = await receiveSockets(await connectTo(path), timers);
    const held = sockets.flatMap((socket, index) => {
      const handle = handles[index];
      return handle === undefined ? [] : [{ ...socket, handle }];
    });
    return ok(new InheritedSockets(held));
  } catch (error) {
    return err((error as Error).message);
  }
}

/** `concurrency`: of this process. The error is one line for the user. */
export async function beginTakeover(
  from: AdminPlace,
  concurrency: number,
  timers: Timers,
): Promise<Result<Takeover, string>> {
  const begun = await Takeover.begin(from, timers);
  if (!begun.ok || concurrency === 1) return begun;
  if (begun.value.sockets.all.every(({ reusePort }) => reusePort)) return begun;
  begun.value.abandon();
  return err(
    'the running proxy is one process, whose ports workers cannot share: ' +
      'start this one with --concurrency 1, too, or stop the other one first',
  );
}

/** Whoever has the admin port names a folder; only that of this user is entered. null: it is. */
async function distrust(folder: string): Promise<string | null> {
  const stats = await lstat(folder);
  const isOurs = stats.isDirectory() && stats.uid === process.geteuid?.();
  if (isOurs && (stats.mode & 0o077) === 0) return null;
  return 'the running proxy is of another user: start the new one as the same';
}

/** Nothing is read of it. */
function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path).pause();
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
