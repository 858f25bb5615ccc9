/**
 * Istio's standard metrics of TCP connections. A connection gets its counters when it is known where
 * it goes and adds to them while it lasts, so a look at them shows what has passed so far.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../model/cluster.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { ProxyIdentity } from '../model/proxy-identity.ts';
import { istioTcpLabelNames, istioTcpLabels } from './istio-labels.ts';
import type { MetricsRegistry, MetricValue, ValueFamily } from './metrics.ts';
import { formatResponseFlags } from './response-flags.ts';
import type { StreamInfo } from './stream-info.ts';

/** What one connection adds to. */
export interface TcpCounters {
  readonly opened: MetricValue;
  readonly closed: MetricValue;
  /** Bytes to the client. */
  readonly sent: MetricValue;
  /** Bytes from the client. */
  readonly received: MetricValue;
}

type Families = { readonly [counter in keyof TcpCounters]: ValueFamily };

/** By response flags. */
type ByFlags = Map<number, TcpCounters>;

/** The counters of one cluster as seen from one side. */
class ClusterCounters {
  readonly byEndpoint = new WeakMap<Endpoint, ByFlags>();
  readonly withoutEndpoint: ByFlags = new Map();
}

/** Everything that is looked up with one identity. Weak: a replaced configuration can go. */
class KnownCounters {
  readonly outbound = new WeakMap<Cluster, ClusterCounters>();
  readonly inbound = new WeakMap<Cluster, ClusterCounters>();
  readonly outboundWithoutCluster: ByFlags = new Map();
  readonly inboundWithoutCluster: ByFlags = new Map();
}

export class TcpMetrics {
  #proxy: ProxyIdentity;
  #known = new KnownCounters();
  readonly #families: Families;

  constructor(registry: MetricsRegistry, proxy: ProxyIdentity) {
    this.#proxy = proxy;
    const counter = (name: string, help: string): ValueFamily =>
      registry.counter({ name, help, labelNames: istioTcpLabelNames });
    this.#families = {
      opened: counter('istio_tcp_connections_opened_total', 'TCP connections that were opened'),
      closed: counter('istio_tcp_connections_closed_total', 'TCP connections that were closed'),
      sent: counter('istio_tcp_sent_bytes_total', 'Bytes sent to clients of TCP connections'),
      received: counter(
        'istio_tcp_received_bytes_total',
        'Bytes received from clients of TCP connections',
      ),
    };
  }

  /** From now on connections are counted with the labels of this identity. */
  follow(proxy: ProxyIdentity): void {
    if (isDeepStrictEqual(proxy, this.#proxy)) return;
    this.#proxy = proxy;
    this.#known = new KnownCounters();
  }

  /** By what is known of the connection now. */
  countersOf(info: StreamInfo): TcpCounters {
    const byFlags = this.#targetOf(info);
    let counters = byFlags.get(info.responseFlags);
    if (counters === undefined) {
      counters = this.#create(info);
      byFlags.set(info.responseFlags, counters);
    }
    return counters;
  }

  #targetOf(info: StreamInfo): ByFlags {
    const inbound = info.listener.direction === 'inbound';
    const { cluster, endpoint } = info;
    const known = this.#known;
    if (cluster === null) {
      return inbound ? known.inboundWithoutCluster : known.outboundWithoutCluster;
    }
    const byCluster = inbound ? known.inbound : known.outbound;
    let counters = byCluster.get(cluster);
    if (counters === undefined) {
      counters = new ClusterCounters();
      byCluster.set(cluster, counters);
    }
    if (endpoint === null) return counters.withoutEndpoint;
    let byFlags = counters.byEndpoint.get(endpoint);
    if (byFlags === undefined) {
      byFlags = new Map();
      counters.byEndpoint.set(endpoint, byFlags);
    }
    return byFlags;
  }

  #create(info: StreamInfo): TcpCounters {
    const labels = istioTcpLabels(this.#proxy, {
      reporter: info.listener.direction === 'inbound' ? 'destination' : 'source',
      cluster: info.cluster,
      endpoint: info.endpoint,
      responseFlags: formatResponseFlags(info.responseFlags),
    });
    const { opened, closed, sent, received } = this.#families;
    return {
      opened: opened.slot(labels),
      closed: closed.slot(labels),
      sent: sent.slot(labels),
      received: received.slot(labels),
    };
  }
}
