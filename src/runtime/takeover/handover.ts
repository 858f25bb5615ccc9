/** What a running proxy has for the one that takes its place: see `takeover.ts` for the other side. */

import { programVersion } from '../../base/program-version.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ListeningHandle } from '../../transport/listening-handle.ts';
import type { ListenerSet } from '../listener-set.ts';
import type { LentSockets, Offer, OfferParts } from './offer.ts';
import { type HeldSocket, type TakeoverInvitation, takeoverProtocol } from './takeover-protocol.ts';

/** The admin API, which is handed over, too. */
export interface LentAdmin {
  /** As configured. */
  readonly address: string;
  readonly port: number;
  /** null: it is closed. */
  handle(): ListeningHandle | null;
  close(): Promise<void>;
}

export interface HandoverParts extends Pick<OfferParts, 'timers' | 'log'> {
  /** The sockets of listeners. */
  lend(): LentSockets | Promise<LentSockets>;
  /** Another process serves: lets open requests end, then the process. */
  leave(): void;
}

export class Handover {
  readonly #parts: HandoverParts;
  /** null: there is none. */
  admin: LentAdmin | null = null;
  #isInviting = false;
  /** Who follows it has not said yet that it serves. */
  #offer: Offer | null = null;
  #isTaken = false;

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  /** Another process serves what this one did. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** For a process that speaks `protocol`. The error is a sentence for its user. */
  async invite(protocol: string): Promise<Result<TakeoverInvitation, string>> {
    const version = programVersion();
    if (protocol !== String(takeoverProtocol)) {
      return err(
        `this is sluice ${version}, which hands over by protocol ${takeoverProtocol}, not by ` +
          `"${protocol}": stop it, then start the new one`,
      );
    }
    if (process.platform === 'win32') return err('Windows passes no sockets on');
    const isOffered = this.#offer?.isStale === false;
    if (this.#isInviting || isOffered || this.#isTaken) {
      return err('another process is taking over already');
    }
    this.#isInviting = true;
    try {
      const folder = await this.#open();
      return ok({ protocol: takeoverProtocol, pid: process.pid, version, folder });
    } catch (error) {
      return err(`no socket can be opened for it: ${(error as Error).message}`);
    } finally {
      this.#isInviting = false;
    }
  }

  /** The folder of an offer, which takes the place of one that is stale. */
  async #open(): Promise<string> {
    this.#offer?.withdraw();
    const { Offer } = await import('./offer.ts');
    const offer = await Offer.open({ ...this.#parts, lend: this.#lend, onTaken: this.#onTaken });
    this.#offer = offer;
    void offer.over.then(() => {
      if (this.#offer === offer) this.#offer = null;
    });
    return offer.folder;
  }

  readonly #lend: OfferParts['lend'] = async () => {
    const { sockets, release } = await this.#parts.lend();
    const { admin } = this;
    const handle = admin?.handle() ?? null;
    if (admin === null || handle === null) return { sockets, release };
    const { address, port } = admin;
    return {
      sockets: [...sockets, { of: 'admin', address, port, reusePort: false, handle }],
      release,
    };
  };

  readonly #onTaken: OfferParts['onTaken'] = async ({ pid, version }) => {
    this.#isTaken = true;
    this.#parts.log.info('another process serves from now on', { pid, version });
    try {
      await this.admin?.close();
    } finally {
      this.#parts.leave();
    }
  };
}

/** Of a process that serves itself. */
export function lentBy(listeners: ListenerSet): LentSockets {
  return { sockets: socketsOf(listeners), release: () => undefined };
}

/** Those of this process. They go on being its own. */
export function socketsOf(listeners: ListenerSet): HeldSocket[] {
  return listeners.active.flatMap(({ model: { address }, socket }) => {
    if (socket === null) return [];
    const { port, reusePort } = socket;
    return socket.handles.map((handle) => ({ of: 'listener', address, port, reusePort, handle }));
  });
}
