/**
 * Istio's standard metrics of HTTP requests. Labels are worked out when a combination of cluster,
 * endpoint, status and flags is first seen; from then on a request costs two or three look-ups and
 * some additions.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../model/cluster.ts';
import type { Endpoint } from '../model/endpoint.ts';
import type { ProxyIdentity } from '../model/proxy-identity.ts';
import type { Histogram } from './histogram.ts';
import { istioLabelNames, istioLabels } from './istio-labels.ts';
import type { HistogramFamily, MetricsRegistry, MetricValue, ValueFamily } from './metrics.ts';
import { formatResponseFlags } from './response-flags.ts';
import type { StreamInfo } from './stream-info.ts';

/** Envoy's default buckets, in milliseconds. */
const durationBounds: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
  600_000, 1_800_000, 3_600_000,
];
/** 1 byte to 10 GB. */
const byteBounds: readonly number[] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

/** The slots of one label set. */
class RequestSlots {
  readonly requests: MetricValue;
  readonly duration: Histogram;
  readonly requestBytes: Histogram;
  readonly responseBytes: Histogram;

  constructor(families: RequestFamilies, labels: readonly string[]) {
    this.requests = families.requests.slot(labels);
    this.duration = families.duration.slot(labels);
    this.requestBytes = families.requestBytes.slot(labels);
    this.responseBytes = families.responseBytes.slot(labels);
  }
}

interface RequestFamilies {
  readonly requests: ValueFamily;
  readonly duration: HistogramFamily;
  readonly requestBytes: HistogramFamily;
  readonly responseBytes: HistogramFamily;
}

/** The slots of one endpoint, or of no endpoint, by status and flags. */
class TargetSlots {
  readonly http = new Map<number, RequestSlots>();
  /** By gRPC status first. */
  readonly grpc = new Map<number, Map<number, RequestSlots>>();
}

/** The slots of one cluster as seen from one side. */
class ClusterSlots {
  readonly byEndpoint = new WeakMap<Endpoint, TargetSlots>();
  readonly withoutEndpoint = new TargetSlots();
}

/**
 * Combinations of status and flags that one endpoint gets slots for. An upstream that makes up
 * status codes must not grow the process; what is beyond is counted in slots that are looked up.
 */
const maxSlotsPerTarget = 1024;

export class RequestMetrics {
  #proxy: ProxyIdentity;
  readonly #families: RequestFamilies;
  /** Weak, so that the objects of a replaced configuration can go. */
  #outbound = new WeakMap<Cluster, ClusterSlots>();
  #inbound = new WeakMap<Cluster, ClusterSlots>();
  #outboundWithoutCluster = new TargetSlots();
  #inboundWithoutCluster = new TargetSlots();

  constructor(registry: MetricsRegistry, proxy: ProxyIdentity) {
    this.#proxy = proxy;
    const labelNames = istioLabelNames;
    this.#families = {
      requests: registry.counter({
        name: 'istio_requests_total',
        help: 'Requests that were handled',
        labelNames,
      }),
      duration: registry.histogram({
        name: 'istio_request_duration_milliseconds',
        help: 'Time from the first byte of a request to the last byte of its response',
        labelNames,
        bounds: durationBounds,
      }),
      requestBytes: registry.histogram({
        name: 'istio_request_bytes',
        help: 'Sizes of request bodies',
        labelNames,
        bounds: byteBounds,
      }),
      responseBytes: registry.histogram({
        name: 'istio_response_bytes',
        help: 'Sizes of response bodies',
        labelNames,
        bounds: byteBounds,
      }),
    };
  }

  /** From now on requests are counted with the labels of this identity. */
  follow(proxy: ProxyIdentity): void {
    if (isDeepStrictEqual(proxy, this.#proxy)) return;
    this.#proxy = proxy;
    this.#outbound = new WeakMap();
    this.#inbound = new WeakMap();
    this.#outboundWithoutCluster = new TargetSlots();
    this.#inboundWithoutCluster = new TargetSlots();
  }

  /** Called exactly once for each exchange, at its end. */
  record(info: StreamInfo): void {
    const slots = this.#slotsOf(info);
    slots.requests.value++;
    slots.duration.observe(info.endedAt - info.startedAt);
    slots.requestBytes.observe(info.bytesReceived);
    slots.responseBytes.observe(info.bytesSent);
  }

  #slotsOf(info: StreamInfo): RequestSlots {
    const target = this.#targetOf(info);
    // A small integer for every request without flags, which V8 hashes fastest.
    const key = info.responseFlags * 1024 + info.status;
    const byKey = info.grpcStatus === null ? target.http : grpcSlots(target, info.grpcStatus);
    return byKey.get(key) ?? this.#create(info, byKey, key);
  }

  #targetOf(info: StreamInfo): TargetSlots {
    const inbound = info.listener.direction === 'inbound';
    const { cluster, endpoint } = info;
    if (cluster === null) {
      return inbound ? this.#inboundWithoutCluster : this.#outboundWithoutCluster;
    }
    const byCluster = inbound ? this.#inbound : this.#outbound;
    let slots = byCluster.get(cluster);
    if (slots === undefined) {
      slots = new ClusterSlots();
      byCluster.set(cluster, slots);
    }
    if (endpoint === null) return slots.withoutEndpoint;
    let target = slots.byEndpoint.get(endpoint);
    if (target === undefined) {
      target = new TargetSlots();
      slots.byEndpoint.set(endpoint, target);
    }
    return target;
  }

  #create(info: StreamInfo, byKey: Map<number, RequestSlots>, key: number): RequestSlots {
    const labels = istioLabels(this.#proxy, {
      reporter: info.listener.direction === 'inbound' ? 'destination' : 'source',
      cluster: info.cluster,
      endpoint: info.endpoint,
      status: info.status,
      responseFlags: formatResponseFlags(info.responseFlags),
      grpcStatus: info.grpcStatus,
    });
    const slots = new RequestSlots(this.#families, labels);
    if (byKey.size < maxSlotsPerTarget) byKey.set(key, slots);
    return slots;
  }
}

function grpcSlots(target: TargetSlots, grpcStatus: number): Map<number, RequestSlots> {
  const known = target.grpc.get(grpcStatus);
  if (known !== undefined) return known;
  const slots = new Map<number, RequestSlots>();
  // Beyond the codes of gRPC an upstream may send any number: those are looked up each time.
  if (grpcStatus >= 0 && grpcStatus <= 16) target.grpc.set(grpcStatus, slots);
  return slots;
}
