/** The listeners at work. A new configuration adds, changes and drains them without touching others. */

import type { Timers } from '../base/timers.ts';
import type { Listener } from '../model/listener.ts';
import { ActiveListener } from '../proxy/listener/active-listener.ts';
import type { ProxyContext } from '../proxy/proxy-context.ts';
import { ListenerStats } from '../telemetry/metrics/listener-stats.ts';
import type { BindError } from '../transport/listening-socket.ts';

export interface BindFailure {
  readonly listener: Listener;
  readonly error: BindError;
}

/** What may come on a connection that was idle for the whole time of a gentle end. */
const lastRequestMs = 1_000;

export class ListenerSet {
  readonly #context: ProxyContext;
  readonly #timers: Timers;
  #active: ReadonlyMap<string, ActiveListener> = new Map();
  /** Of the configuration that is about to be published: new ones, and sockets under a new name. */
  readonly #opened = new Map<string, ActiveListener>();
  readonly #heirs = new Map<string, ActiveListener>();
  /** Removed by a reload, with connections still open. */
  readonly #draining = new Set<ActiveListener>();

  constructor(context: ProxyContext, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
  }

  get active(): readonly ActiveListener[] {
    return [...this.#active.values()];
  }

  /** Those that a reload has removed, and that have connections yet. */
  get drainingCount(): number {
    return this.#draining.size;
  }

  /** The port that a listener of the configuration that is about to be published has; null: none. */
  portOf(model: Listener): number | null {
    const { name } = model;
    const listener = this.#opened.get(name) ?? this.#heirs.get(name) ?? this.#active.get(name);
    if (listener === undefined || !isSameSocket(listener.model, model)) return null;
    return listener.boundPort;
  }

  /** Opens what is new. What has gone is still there until `adopt`. */
  async open(listeners: readonly Listener[]): Promise<readonly BindFailure[]> {
    const failures: BindFailure[] = [];
    const outgoing = this.#outgoing(listeners);
    for (const model of listeners) {
      const current = this.#active.get(model.name);
      if (current !== undefined && isSameSocket(current.model, model)) continue;
      const heir = outgoing.find((listener) => isSameSocket(listener.model, model));
      if (heir !== undefined) {
        this.#heirs.set(model.name, heir);
        continue;
      }
      const holders = outgoing.filter(
        (other) =>
          other.model.port === model.port &&
          !listeners.some((next) => isSameSocket(other.model, next)),
      );
      const opened = await this.#openOne(model, holders);
      if (opened instanceof ActiveListener) this.#opened.set(model.name, opened);
      else failures.push(opened);
    }
    return failures;
  }

  /** Takes over the new models; drains listeners and filter chains that are in none of them. */
  adopt(listeners: readonly Listener[], drainMs: number): void {
    const before = this.active;
    const next = new Map<string, ActiveListener>();
    const heirs = new Set(this.#heirs.values());
    for (const model of listeners) {
      const moved = this.#opened.get(model.name) ?? this.#heirs.get(model.name);
      const current = this.#active.get(model.name);
      // One that could not move stays where it is, unless another has taken its socket over.
      const listener = moved ?? (current !== undefined && !heirs.has(current) ? current : null);
      if (listener === null) continue;
      if (isSameSocket(listener.model, model)) this.#adoptOne(listener, model, drainMs);
      next.set(model.name, listener);
    }
    this.#opened.clear();
    this.#heirs.clear();
    this.#active = next;
    const staying = new Set(next.values());
    for (const listener of before) if (!staying.has(listener)) this.#drain(listener, drainMs);
  }

  /**
   * Stops accepting and waits for open requests, at most `drainMs`. `gently`: for so long idle
   * connections may have another request, too, for others take their place only then.
   */
  async shutDown(drainMs: number, gently = false): Promise<void> {
    const all = [...this.#active.values(), ...this.#draining];
    if (gently) {
      await this.#within(drainMs, Promise.all(all.map((listener) => listener.windDown())));
      await this.shutDown(lastRequestMs);
      return;
    }
    const drained = Promise.all(all.map((listener) => listener.drain()));
    await this.#within(drainMs, drained);
    for (const listener of all) listener.destroyConnections();
  }

  /**
   * Envoy's drain of listeners that are to take no new clients: connections end with their next
   * response, and after `acceptMs` no further ones are accepted; infinite: they go on being.
   */
  endConnections(which: (model: Listener) => boolean, acceptMs: number): void {
    const chosen = this.active.filter(({ model }) => which(model));
    for (const listener of chosen) listener.endConnections();
    const stop = (): void => {
      for (const listener of chosen) listener.stopAccepting();
    };
    if (acceptMs === 0) stop();
    else if (acceptMs !== Number.POSITIVE_INFINITY) this.#timers.set(acceptMs, stop);
  }

  /** Envoy's stop_accepting_connections, as often as it is called. `onFailure` hears of each once. */
  setAccepting(accepts: boolean, onFailure: (failure: BindFailure) => void): void {
    for (const listener of this.#active.values()) {
      const { model } = listener;
      listener.setAccepting(accepts, (error) => onFailure({ listener: model, error }));
    }
  }

  /** Listeners at work whose name or socket is not among `listeners`. */
  #outgoing(listeners: readonly Listener[]): ActiveListener[] {
    const models = new Map(listeners.map((model) => [model.name, model]));
    return this.active.filter(({ model }) => {
      const next = models.get(model.name);
      return next === undefined || !isSameSocket(next, model);
    });
  }

  /** `holders` have the port under other addresses and go: they are in the way of a wildcard. */
  async #openOne(
    model: Listener,
    holders: readonly ActiveListener[],
  ): Promise<ActiveListener | BindFailure> {
    const listener = new ActiveListener(model, new ListenerStats(), this.#context);
    const opened = await listener.open();
    if (opened.ok) return listener;
    if (opened.error.code !== 'EADDRINUSE' || holders.length === 0) {
      return { listener: model, error: opened.error };
    }
    for (const holder of holders) holder.stopAccepting();
    const again = await listener.open();
    if (again.ok) return listener;
    // Somebody else was in the way, so those that were stopped for nothing go on.
    for (const holder of holders) await holder.open();
    return { listener: model, error: again.error };
  }

  #adoptOne(listener: ActiveListener, model: Listener, drainMs: number): void {
    const left = listener.adopt(model);
    if (left.size === 0 || drainMs === Number.POSITIVE_INFINITY) return;
    // Does nothing for those that have ended by then.
    this.#timers.set(drainMs, () => listener.destroyConnectionsOf(left));
  }

  #drain(listener: ActiveListener, drainMs: number): void {
    this.#draining.add(listener);
    const gone = listener.drain().then(() => this.#draining.delete(listener));
    if (drainMs === Number.POSITIVE_INFINITY) return;
    const timer = this.#timers.set(drainMs, () => listener.destroyConnections());
    void gone.then(() => timer.cancel());
  }

  /** Waits for `done`, but no longer than `ms` milliseconds. */
  async #within(ms: number, done: Promise<unknown>): Promise<void> {
    if (ms === Number.POSITIVE_INFINITY) {
      await done;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = this.#timers.set(ms, resolve);
      void done.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}

function isSameSocket(a: Listener, b: Listener): boolean {
  return a.address === b.address && a.port === b.port;
}
