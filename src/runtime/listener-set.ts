/** The listeners at work. A new configuration adds, changes and drains them without touching others. */

import type { Timers } from '../base/timers.ts';
import type { Listener } from '../model/listener.ts';
import { ActiveListener } from '../proxy/active-listener.ts';
import type { ProxyContext } from '../proxy/proxy-context.ts';
import { ListenerStats } from '../telemetry/listener-stats.ts';
import type { BindError } from '../transport/listening-socket.ts';

export interface BindFailure {
  readonly listener: Listener;
  readonly error: BindError;
}

export class ListenerSet {
  readonly #context: ProxyContext;
  readonly #timers: Timers;
  readonly #active = new Map<string, ActiveListener>();
  /** Removed by a reload, with connections still open. */
  readonly #draining = new Set<ActiveListener>();

  constructor(context: ProxyContext, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
  }

  get active(): readonly ActiveListener[] {
    return [...this.#active.values()];
  }

  /** Opens what is new. What has gone is still there until `retire`. */
  async open(listeners: readonly Listener[]): Promise<readonly BindFailure[]> {
    const failures: BindFailure[] = [];
    for (const model of listeners) {
      const current = this.#active.get(model.name);
      if (current !== undefined && isSameSocket(current.model, model)) continue;
      const listener = new ActiveListener(model, new ListenerStats(), this.#context);
      const opened = await listener.open();
      if (!opened.ok) {
        failures.push({ listener: model, error: opened.error });
        continue;
      }
      if (current !== undefined) this.#drain(current, Number.POSITIVE_INFINITY);
      this.#active.set(model.name, listener);
    }
    return failures;
  }

  /** Takes over the new models, and drains listeners that are in none of them. */
  adopt(listeners: readonly Listener[], drainMs: number): void {
    const models = new Map(listeners.map((model) => [model.name, model]));
    for (const [name, listener] of this.#active) {
      const model = models.get(name);
      if (model === undefined) {
        this.#active.delete(name);
        this.#drain(listener, drainMs);
      } else if (isSameSocket(listener.model, model)) {
        listener.model = model;
      }
    }
  }

  /** Stops accepting and waits for open requests, at most `drainMs`. */
  async shutDown(drainMs: number): Promise<void> {
    const all = [...this.#active.values(), ...this.#draining];
    const drained = Promise.all(all.map((listener) => listener.drain()));
    await Promise.race([drained, this.#after(drainMs)]);
    for (const listener of all) listener.destroyConnections();
  }

  stopAccepting(): void {
    for (const listener of this.#active.values()) listener.stopAccepting();
  }

  #drain(listener: ActiveListener, drainMs: number): void {
    this.#draining.add(listener);
    const gone = listener.drain().then(() => this.#draining.delete(listener));
    if (drainMs === Number.POSITIVE_INFINITY) return;
    const timer = this.#timers.set(drainMs, () => listener.destroyConnections());
    void gone.then(() => timer.cancel());
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timers.set(ms, resolve);
    });
  }
}

function isSameSocket(a: Listener, b: Listener): boolean {
  return a.address === b.address && a.port === b.port;
}
