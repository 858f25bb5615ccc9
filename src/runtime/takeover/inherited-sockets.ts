/** Listening sockets that were another process's, until the listeners that they are for are opened. */

import { ok, type Result } from '../../base/result.ts';
import type { ListeningHandle } from '../../transport/listening-handle.ts';
import {
  type BindError,
  ListeningSocket,
  type ListenOptions,
} from '../../transport/listening-socket.ts';
import type { HeldSocket } from './takeover-protocol.ts';

export class InheritedSockets {
  #held: readonly HeldSocket[];
  /** Opened, and not started yet. */
  #opened: ListeningSocket[] = [];

  constructor(held: readonly HeldSocket[] = []) {
    this.#held = held;
  }

  add(socket: HeldSocket): void {
    this.#held = [...this.#held, socket];
  }

  /** Of listeners. */
  get all(): readonly HeldSocket[] {
    return this.#held.filter((socket) => socket.of === 'listener');
  }

  has({ address, port }: Pick<ListenOptions, 'address' | 'port'>): boolean {
    return this.all.some((socket) => socket.address === address && socket.port === port);
  }

  /** All that there are of this address; null: there is none. It accepts nothing before `start`. */
  open(options: ListenOptions): ListeningSocket | null {
    const found = this.#take('listener', options);
    if (found.length === 0) return null;
    const handles = found.map(({ handle }) => handle);
    const reusePort = found.every((socket) => socket.reusePort);
    const opened = ListeningSocket.inherit(handles, { ...options, reusePort });
    this.#opened.push(opened);
    return opened;
  }

  /** null: there is none. */
  openAdmin(place: Pick<ListenOptions, 'address' | 'port'>): ListeningHandle | null {
    return this.#take('admin', place)[0]?.handle ?? null;
  }

  /** Accepts on all that were opened; on an error those that are left are to be closed. */
  async start(): Promise<Result<void, BindError>> {
    const opened = this.#opened;
    this.#opened = [];
    const started = await Promise.all(opened.map((socket) => socket.start()));
    return started.find(({ ok }) => !ok) ?? ok(undefined);
  }

  /** Lets go of those that nobody has asked for. */
  closeRest(): void {
    for (const { handle } of this.#held) handle.close();
    this.#held = [];
  }

  #take(of: HeldSocket['of'], place: Pick<ListenOptions, 'address' | 'port'>): HeldSocket[] {
    const isAsked = (socket: HeldSocket): boolean =>
      socket.of === of && socket.address === place.address && socket.port === place.port;
    const found = this.#held.filter(isAsked);
    this.#held = this.#held.filter((socket) => !isAsked(socket));
    return found;
  }
}

/**
 * Which of them each of `count` workers gets: every socket has one that accepts from it, and a
 * worker that gets none for a listener binds its own beside them.
 */
export function shareSockets(sockets: readonly HeldSocket[], count: number): HeldSocket[][] {
  const shares: HeldSocket[][] = Array.from({ length: count }, () => []);
  const seen = new Map<string, number>();
  for (const socket of sockets) {
    const place = `${socket.address} ${socket.port}`;
    const index = seen.get(place) ?? 0;
    seen.set(place, index + 1);
    shares[index % count]?.push(socket);
  }
  return shares;
}
