/**
 * Keeps the endpoints of a cluster whose addresses are names up to date: every name is resolved
 * again when its answer expires. A failure leaves the last good answer in use; an answer that there
 * is no address takes the endpoints of the name away, but for logical-dns, as in Envoy.
 */

import { isIP } from 'node:net';
import type { Timer, Timers } from '../../base/timers.ts';
import type { Endpoint } from '../../model/endpoint.ts';

export interface DnsAnswer {
  /** IP addresses, in the order of the answer; empty: it is known that there are none. */
  readonly addresses: readonly string[];
  /** Null: the source of the answer knows none. */
  readonly ttlSeconds: number | null;
}

export interface DnsResolver {
  /** Rejects when there is no answer. */
  resolve(name: string): Promise<DnsAnswer>;
}

/** The part of a cluster that discovery works for. */
export interface DiscoveredCluster {
  readonly name: string;
  readonly model: {
    readonly discovery: string;
    readonly endpoints: readonly Endpoint[];
  };
  readonly stats: {
    updateAttempt: number;
    updateSuccess: number;
    updateFailure: number;
    updateEmpty: number;
  };
  updateEndpoints(endpoints: readonly Endpoint[]): void;
  /** Every name has been tried once. */
  onNamesTried(): void;
}

export interface DnsRefresh {
  /** Bounds of what a TTL can ask for, milliseconds. */
  readonly minimumMs: number;
  readonly maximumMs: number;
  /** Without a TTL. */
  readonly defaultMs: number;
  /** After a failure, and after an answer without an address. */
  readonly failureMs: number;
}

/** Envoy's least and failure refresh rates; Istio's dnsRefreshRate where there is no TTL. */
export const defaultDnsRefresh: DnsRefresh = {
  minimumMs: 5_000,
  maximumMs: 300_000,
  defaultMs: 60_000,
  failureMs: 5_000,
};

/** That a name has another kind of answer than before; not told of every answer. */
export interface DnsEvent {
  /** `resolved`: again, after one of the others. */
  readonly kind: 'resolved' | 'failed' | 'empty';
  readonly cluster: string;
  readonly name: string;
  /** Why there is no answer; empty where there is one. */
  readonly reason: string;
  /** Endpoints of the name that go on serving. */
  readonly endpoints: number;
}

export interface DnsDependencies {
  readonly resolver: DnsResolver;
  readonly timers: Timers;
  readonly refresh: DnsRefresh;
  readonly onEvent?: (event: DnsEvent) => void;
}

/** One configured endpoint and the addresses it stands for at present. */
interface Target {
  readonly endpoint: Endpoint;
  /** Null before the first good answer. */
  addresses: readonly string[] | null;
  /** Of the last answer. */
  kind: DnsEvent['kind'];
  timer: Timer | null;
}

export class DnsDiscovery {
  readonly #cluster: DiscoveredCluster;
  readonly #dependencies: DnsDependencies;
  readonly #targets: readonly Target[];
  #stopped = false;

  /** `previous`: of the cluster of this name before; its answers hold until there are new ones. */
  constructor(
    cluster: DiscoveredCluster,
    dependencies: DnsDependencies,
    previous: DnsDiscovery | null = null,
  ) {
    this.#cluster = cluster;
    this.#dependencies = dependencies;
    this.#targets = cluster.model.endpoints.map((endpoint) => {
      const name = endpoint.address;
      const known = previous === null ? undefined : previous.#targetOf(name);
      const addresses = isName(endpoint) ? this.#usedOf(known?.addresses ?? null) : [name];
      const kind = known?.kind ?? 'resolved';
      return { endpoint, addresses, kind, timer: null };
    });
  }

  /** Before this cluster there may have been one that uses all addresses of a name. */
  #usedOf(known: readonly string[] | null): readonly string[] | null {
    if (known === null || this.#cluster.model.discovery === 'strict-dns') return known;
    return known.slice(0, 1);
  }

  #targetOf(name: string): Target | undefined {
    return this.#targets.find(({ endpoint }) => endpoint.address === name);
  }

  /** Settles when every name has been tried once, and never rejects. */
  async start(): Promise<void> {
    const names = this.#targets.filter((target) => isName(target.endpoint));
    this.#publish();
    await Promise.all(names.map((target) => this.#resolve(target)));
    if (!this.#stopped) this.#cluster.onNamesTried();
  }

  /** Nothing is published after this. */
  stop(): void {
    this.#stopped = true;
    for (const target of this.#targets) target.timer?.cancel();
  }

  async #resolve(target: Target): Promise<void> {
    const { resolver, timers } = this.#dependencies;
    this.#cluster.stats.updateAttempt++;
    let reason = '';
    const answer = await resolver.resolve(target.endpoint.address).catch((error: Error) => {
      reason = error.message;
      return null;
    });
    if (this.#stopped) return;
    if (answer !== null && answer.addresses.length > 0) this.#accept(target, answer.addresses);
    else if (answer === null) this.#cluster.stats.updateFailure++;
    else this.#acceptEmpty(target);
    this.#tell(target, kindOf(answer), reason);
    target.timer = timers.set(this.#refreshMs(answer), () => void this.#resolve(target));
  }

  /** Only what is another than last time. */
  #tell(target: Target, kind: DnsEvent['kind'], reason: string): void {
    if (target.kind === kind) return;
    target.kind = kind;
    const { address: name } = target.endpoint;
    const endpoints = target.addresses?.length ?? 0;
    const { name: cluster } = this.#cluster;
    this.#dependencies.onEvent?.({ kind, cluster, name, reason, endpoints });
  }

  #accept(target: Target, addresses: readonly string[]): void {
    this.#cluster.stats.updateSuccess++;
    const current = target.addresses?.[0];
    if (this.#cluster.model.discovery === 'strict-dns') {
      // Servers rotate their answers: a fixed order tells a change from a rotation.
      target.addresses = [...addresses].sort();
    } else if (current === undefined || !addresses.includes(current)) {
      // One address at a time, and the same one while it is valid.
      target.addresses = addresses.slice(0, 1);
    }
    this.#publish();
  }

  #acceptEmpty(target: Target): void {
    this.#cluster.stats.updateEmpty++;
    if (this.#cluster.model.discovery !== 'strict-dns') return;
    target.addresses = [];
    this.#publish();
  }

  #refreshMs(answer: DnsAnswer | null): number {
    const { minimumMs, maximumMs, defaultMs, failureMs } = this.#dependencies.refresh;
    if (answer === null || answer.addresses.length === 0) return failureMs;
    if (answer.ttlSeconds === null) return defaultMs;
    return Math.min(Math.max(answer.ttlSeconds * 1000, minimumMs), maximumMs);
  }

  #publish(): void {
    // Nothing is known yet: not the same as no endpoints.
    if (this.#targets.every((target) => target.addresses === null)) return;
    this.#cluster.updateEndpoints(
      this.#targets.flatMap(({ endpoint, addresses }) =>
        (addresses ?? []).map((address) => ({ ...endpoint, address })),
      ),
    );
  }
}

function kindOf(answer: DnsAnswer | null): DnsEvent['kind'] {
  if (answer === null) return 'failed';
  return answer.addresses.length === 0 ? 'empty' : 'resolved';
}

function isName(endpoint: Endpoint): boolean {
  return isIP(endpoint.address) === 0;
}
