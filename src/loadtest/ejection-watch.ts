/** Looks in the admin API of the proxy which endpoints are ejected, again and again. */

import { askHttp } from '../base/ask-http.ts';
import { isObject } from '../base/is-object.ts';
import type { Timer, Timers } from '../base/timers.ts';

/** An endpoint was ejected, or came back. */
export interface EjectionEvent {
  /** Milliseconds since the end of the warm-up; exact to the pause between two looks. */
  readonly atMs: number;
  readonly port: number;
  readonly ejected: boolean;
}

/** Pause between two looks, milliseconds. */
const pauseMs = 50;

export interface EjectionWatchOptions {
  /** `HOST:PORT`. */
  readonly admin: string;
  readonly timers: Timers;
  /** Milliseconds since the end of the warm-up. */
  now(): number;
}

export class EjectionWatch {
  readonly events: EjectionEvent[] = [];
  readonly #options: EjectionWatchOptions;
  #ejected: ReadonlySet<number> = new Set();
  #timer: Timer | null = null;
  #isOver = false;

  constructor(options: EjectionWatchOptions) {
    this.#options = options;
  }

  begin(): void {
    void this.#look();
  }

  end(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { admin, now, timers } = this.#options;
    const ejected = await ejectedPorts(admin);
    if (this.#isOver) return;
    if (ejected !== null) {
      const atMs = now();
      for (const port of ejected) {
        if (!this.#ejected.has(port)) this.events.push({ atMs, port, ejected: true });
      }
      for (const port of this.#ejected) {
        if (!ejected.has(port)) this.events.push({ atMs, port, ejected: false });
      }
      this.#ejected = ejected;
    }
    this.#timer = timers.set(pauseMs, () => void this.#look());
  }
}

/** null: it did not say. */
async function ejectedPorts(admin: string): Promise<Set<number> | null> {
  try {
    const response = await askHttp(`http://${admin}/clusters?format=json`);
    const clusters = JSON.parse(await response.text()) as ClusterAnswer;
    const hosts = clusters.cluster_statuses.flatMap(({ host_statuses = [] }) => host_statuses);
    const failed = hosts.filter(({ health_status: health }) =>
      isObject(health) ? health.failed_outlier_check === true : false,
    );
    return new Set(failed.map(({ address }) => address.socket_address.port_value));
  } catch {
    // The proxy is busy, or gone: the next look will tell.
    return null;
  }
}

/** The parts of Envoy's answer that are read. */
interface ClusterAnswer {
  readonly cluster_statuses: readonly {
    readonly host_statuses?: readonly {
      readonly address: { readonly socket_address: { readonly port_value: number } };
      readonly health_status?: { readonly failed_outlier_check?: boolean };
    }[];
  }[];
}
