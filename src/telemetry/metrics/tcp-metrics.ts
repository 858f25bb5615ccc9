/**
 * Istio's standard metrics of TCP connections. A connection gets its counters when it is known where
 * it goes and adds to them while it lasts, so a look at them shows what has passed so far.
 */

import { isDeepStrictEqual } from '../../base/node-util.ts';
import { ownText } from '../../base/own-text.ts';
import type { MetricsSettings } from '../../model/metrics-settings.ts';
import type { ProxyIdentity } from '../../model/proxy-identity.ts';
import { formatResponseFlags } from '../response-flags.ts';
import type { StreamInfo } from '../stream-info.ts';
import { istioTcpLabelNames, istioTcpLabels } from './istio-labels.ts';
import { type MetricFamily, MetricValue } from './metric-family.ts';
import { MetricTags, type SideSettings } from './metric-tags.ts';
import type { MetricsRegistry } from './metrics.ts';
import { PeerIdentities } from './peer-identity.ts';
import { PlannedFamily } from './planned-family.ts';
import { TargetCache } from './target-cache.ts';

/** What one connection adds to. */
export interface TcpCounters {
  readonly opened: MetricValue;
  readonly closed: MetricValue;
  /** Bytes to the client. */
  readonly sent: MetricValue;
  /** Bytes from the client. */
  readonly received: MetricValue;
  /** Of the settings: when it is over nobody reads these counters, and there are new ones. */
  readonly era: { readonly isOver: boolean };
}

type CounterName = Exclude<keyof TcpCounters, 'era'>;

const counters = {
  opened: { name: 'istio_tcp_connections_opened_total', help: 'TCP connections that were opened' },
  closed: { name: 'istio_tcp_connections_closed_total', help: 'TCP connections that were closed' },
  sent: {
    name: 'istio_tcp_sent_bytes_total',
    help: 'Bytes sent to clients of TCP connections',
  },
  received: {
    name: 'istio_tcp_received_bytes_total',
    help: 'Bytes received from clients of TCP connections',
  },
} as const;
const metricNames = Object.values(counters).map(({ name }) => name);

/** All metrics of one side, with the labels that its settings give them. */
class TcpFamilies {
  readonly tags: MetricTags;
  /** null for what is disabled. */
  readonly #families: Readonly<Record<CounterName, PlannedFamily<MetricValue> | null>>;
  readonly #era = { isOver: false };

  constructor(registry: MetricsRegistry, settings: MetricsSettings) {
    const tags = new MetricTags(settings, metricNames, istioTcpLabelNames);
    const counter = (which: CounterName): PlannedFamily<MetricValue> | null => {
      const plan = tags.planOf(counters[which].name);
      if (plan === null) return null;
      const options = { ...counters[which], labelNames: plan.names };
      return new PlannedFamily(registry.counter(options), plan);
    };
    this.tags = tags;
    this.#families = {
      opened: counter('opened'),
      closed: counter('closed'),
      sent: counter('sent'),
      received: counter('received'),
    };
  }

  get #all(): readonly MetricFamily<unknown>[] {
    const planned = Object.values(this.#families).filter((each) => each !== null);
    return planned.map(({ family }) => family);
  }

  /** What is disabled is counted where nobody looks. */
  counters(base: readonly string[], values: readonly string[]): TcpCounters {
    // Series stay for as long as the process does.
    const tags = values.map(ownText);
    const slot = (which: CounterName): MetricValue =>
      this.#families[which]?.slot(base, tags) ?? new MetricValue();
    return {
      opened: slot('opened'),
      closed: slot('closed'),
      sent: slot('sent'),
      received: slot('received'),
      era: this.#era,
    };
  }

  /** Nobody reads what is counted here any more. */
  end(registry: MetricsRegistry): void {
    this.#era.isOver = true;
    for (const family of this.#all) registry.remove(family);
  }
}

const standard: SideSettings = { client: {}, server: {} };

export class TcpMetrics {
  readonly #registry: MetricsRegistry;
  #proxy: ProxyIdentity;
  #settings: SideSettings;
  #client: TcpFamilies;
  /** The same where the settings are the same. */
  #server: TcpFamilies;
  readonly #sourceCache = new TargetCache<TcpCounters>();
  readonly #destinationCache = new TargetCache<TcpCounters>();
  readonly #identities = new PeerIdentities();

  constructor(registry: MetricsRegistry, proxy: ProxyIdentity, settings = standard) {
    this.#registry = registry;
    this.#proxy = proxy;
    this.#settings = settings;
    this.#client = new TcpFamilies(registry, settings.client);
    this.#server = this.#familiesOfServer();
  }

  /** From now on connections are counted with the labels of this identity and these settings. */
  follow(proxy: ProxyIdentity, settings = standard): void {
    const isSame = isDeepStrictEqual(settings, this.#settings);
    if (isSame && isDeepStrictEqual(proxy, this.#proxy)) return;
    this.#proxy = proxy;
    this.#settings = settings;
    this.#sourceCache.clear();
    this.#destinationCache.clear();
    if (isSame) return;
    this.#client.end(this.#registry);
    this.#server.end(this.#registry);
    this.#client = new TcpFamilies(this.#registry, settings.client);
    this.#server = this.#familiesOfServer();
  }

  /** By what is known of the connection now. */
  countersOf(info: StreamInfo): TcpCounters {
    const isInbound = info.listener.direction === 'inbound';
    const cache = isInbound ? this.#destinationCache : this.#sourceCache;
    const { tags } = isInbound ? this.#server : this.#client;
    const identity = this.#identities.identityOf(info);
    const values = tags.evaluate(info);
    const isPlain = identity === null && tags.areFixed;
    const key = isPlain ? null : [identity?.key ?? '', ...values].join('\0');
    const target = cache.targetOf(info.cluster, info.endpoint, key);
    const known = target.slots.get(info.responseFlags);
    if (known !== undefined) return known;
    const base = istioTcpLabels(this.#proxy, {
      reporter: isInbound ? 'destination' : 'source',
      cluster: info.cluster,
      endpoint: info.endpoint,
      identity,
      responseFlags: formatResponseFlags(info.responseFlags),
    });
    const found = (isInbound ? this.#server : this.#client).counters(base, values);
    target.slots.set(info.responseFlags, found);
    cache.noteKept();
    return found;
  }

  #familiesOfServer(): TcpFamilies {
    const { client, server } = this.#settings;
    return isDeepStrictEqual(client, server)
      ? this.#client
      : new TcpFamilies(this.#registry, server);
  }
}
