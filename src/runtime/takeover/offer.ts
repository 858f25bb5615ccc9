/** The old side of one takeover, from its invitation to the moment at which this process goes. */

import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Timers } from '../../base/timers.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { sendSockets } from './descriptor-relay.ts';
import { LineConnection } from './line-connection.ts';
import {
  type FromNew,
  type FromOld,
  type HeldSocket,
  type OfferedSocket,
  socketName,
} from './takeover-protocol.ts';

/** So long an invitation holds that nobody follows. */
const invitationMs = 10_000;

/** So long nobody else is invited; more than a start takes that is not stuck. */
const startMs = 120_000;

export interface OfferParts {
  readonly timers: Timers;
  readonly log: Logger;
  /** What there is to hand over. */
  lend(): Promise<LentSockets>;
  /** Another process serves. Resolves when this one accepts nothing any more. */
  onTaken(by: FromNew): Promise<void>;
}

export interface LentSockets {
  readonly sockets: readonly HeldSocket[];
  /** They have been handed over, or will not be. */
  release(): void;
}

export class Offer {
  readonly folder: string;
  /** Resolves when it is over, taken or not. */
  readonly over: Promise<void>;
  readonly #parts: OfferParts;
  readonly #server: Server;
  readonly #end = Promise.withResolvers<void>();
  #control: Promise<void> | null = null;
  /** Ends the conversation. */
  #hangUp: () => void = () => undefined;
  #isStale = false;
  /** From the offer until they are sent. */
  #lent: LentSockets | null = null;

  private constructor(folder: string, parts: OfferParts) {
    this.folder = folder;
    this.#parts = parts;
    this.over = this.#end.promise;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  /** Rejects with the system's error. */
  static async open(parts: OfferParts): Promise<Offer> {
    // Others can neither enter it, nor read what is in it.
    const folder = await mkdtemp(join(tmpdir(), 'sluice-'));
    const offer = new Offer(folder, parts);
    try {
      await offer.#listen();
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    const late = parts.timers.set(invitationMs, () => {
      if (offer.#control === null) offer.#close();
    });
    const stale = parts.timers.set(startMs, () => {
      offer.#isStale = true;
    });
    void offer.over.then(() => {
      late.cancel();
      stale.cancel();
    });
    return offer;
  }

  /** Who was invited has had the time for a start, and does not serve: it may be stuck. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Another is invited instead. */
  withdraw(): void {
    this.#hangUp();
    this.#close();
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(join(this.folder, socketName), () => {
        this.#server.off('error', reject);
        this.#server.on('error', () => undefined);
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    if (this.#control === null) {
      this.#hangUp = () => socket.destroy();
      const other = new LineConnection<FromNew, FromOld>(socket, this.#parts.timers);
      this.#control = this.#converse(other).finally(() => this.#close());
    } else if (this.#lent !== null) {
      sendSockets(
        socket,
        this.#lent.sockets.map(({ handle }) => handle),
      );
      this.#release();
    } else {
      socket.destroy();
    }
  }

  async #converse(other: LineConnection<FromNew, FromOld>): Promise<void> {
    try {
      this.#lent = await this.#parts.lend();
      other.send({ kind: 'offer', sockets: this.#lent.sockets.map(withoutHandle) });
      const said = await other.next();
      if (said?.kind !== 'serving') return;
      // It may be the last that this process does.
      this.#shut();
      await this.#parts.onTaken(said);
      other.send({ kind: 'gone' });
    } catch (error) {
      this.#parts.log.error('the takeover has failed', { error: (error as Error).message });
    } finally {
      other.close();
    }
  }

  #release(): void {
    this.#lent?.release();
    this.#lent = null;
  }

  #close(): void {
    this.#shut();
    this.#end.resolve();
  }

  /** Nobody else can follow the invitation. May be called again. */
  #shut(): void {
    this.#release();
    this.#server.close();
    try {
      rmSync(this.folder, { recursive: true, force: true });
    } catch (error) {
      const { message } = error as Error;
      this.#parts.log.warning('the folder of a takeover stays', { error: message });
    }
  }
}

function withoutHandle({ of, address, port, reusePort }: HeldSocket): OfferedSocket {
  return { of, address, port, reusePort };
}
