/** Reads what Istio's metrics have counted since they were last read, by edge of the graph. */

import { ownValue } from '../../base/own-value.ts';
import type { Histogram } from '../metrics/histogram.ts';
import type { MetricValue } from '../metrics/metric-family.ts';
import type { HistogramFamily, MetricsRegistry, ValueFamily } from '../metrics/metrics.ts';
import { EdgeCounts } from './edge-counts.ts';
import {
  type EdgeIdentity,
  edgeIdentity,
  edgeKey,
  type LabelReader,
  labelReader,
} from './traffic-edge.ts';

/** Edges of one reading; what is beyond is left out, which no mesh of this size is drawn with. */
const maxEdges = 1000;

const durationName = 'istio_request_duration_milliseconds';

/** What each counter adds to. */
const counters: Readonly<Record<string, 'requests' | 'connections' | 'bytes'>> = {
  istio_requests_total: 'requests',
  istio_tcp_connections_opened_total: 'connections',
  istio_tcp_sent_bytes_total: 'bytes',
  istio_tcp_received_bytes_total: 'bytes',
};

/** What is remembered of a series. */
interface SeriesState {
  readonly edge: EdgeIdentity;
  readonly read: LabelReader;
  /** Of a counter, as it was last taken. */
  value: number;
  /** The same of a histogram, cumulative; and its sum. */
  counts: readonly number[];
  sum: number;
}

type Edges = Map<EdgeIdentity, EdgeCounts>;

export class TrafficReading {
  readonly #registry: MetricsRegistry;
  /** By slot, which goes with its series. */
  readonly #states = new WeakMap<MetricValue | Histogram, SeriesState>();
  /** One object for each edge, so that it can be a key. */
  readonly #identities = new Map<string, EdgeIdentity>();

  constructor(registry: MetricsRegistry) {
    this.#registry = registry;
  }

  /** Edges that are remembered. */
  get known(): number {
    return this.#identities.size;
  }

  /** Since the last `take`, which a `look` does not change. */
  read(mode: 'take' | 'look'): ReadonlyMap<EdgeIdentity, EdgeCounts> {
    const edges: Edges = new Map();
    for (const family of this.#registry.values()) this.#readCounter(family, edges, mode);
    for (const family of this.#registry.histograms()) {
      if (family.name === durationName) this.#readDurations(family, edges, mode);
    }
    return edges;
  }

  #readCounter(family: ValueFamily, edges: Edges, mode: 'take' | 'look'): void {
    const meaning = ownValue(counters, family.name);
    if (meaning === undefined) return;
    for (const { labels, slot } of family.series()) {
      const state = this.#stateOf(slot, family.labelNames, labels);
      const added = since(slot.value, state.value);
      if (mode === 'take') state.value = slot.value;
      if (added === 0) continue;
      const counts = countsOf(edges, state.edge);
      if (meaning === 'bytes') counts.bytes += added;
      else if (meaning === 'connections') counts.requests += added;
      else countRequests(counts, state.read, added);
    }
  }

  #readDurations(family: HistogramFamily, edges: Edges, mode: 'take' | 'look'): void {
    for (const { labels, slot } of family.series()) {
      const state = this.#stateOf(slot, family.labelNames, labels);
      const { sum, count } = slot;
      // Most series are quiet, and there may be thousands.
      if (sum === state.sum && count === (state.counts.at(-1) ?? 0)) continue;
      const now = slot.cumulativeCounts();
      const wasReset = (now.at(-1) ?? 0) < (state.counts.at(-1) ?? 0);
      const before = wasReset ? [] : state.counts;
      const sumBefore = wasReset ? 0 : state.sum;
      if ((now.at(-1) ?? 0) > (before.at(-1) ?? 0)) {
        const counts = countsOf(edges, state.edge);
        counts.addDurations(slot.bounds, bucketsBetween(before, now), sum - sumBefore);
      }
      if (mode === 'look') continue;
      state.counts = now;
      state.sum = sum;
    }
  }

  #stateOf(
    slot: MetricValue | Histogram,
    names: readonly string[],
    labels: readonly string[],
  ): SeriesState {
    const known = this.#states.get(slot);
    if (known !== undefined) return known;
    const read = labelReader(names, labels);
    const identity = edgeIdentity(read);
    const key = edgeKey(identity);
    // Those of series that are gone go, too: a graph joins edges by what they say.
    if (this.#identities.size >= 2 * maxEdges) this.#identities.clear();
    const edge = this.#identities.get(key) ?? identity;
    this.#identities.set(key, edge);
    const state: SeriesState = { edge, read, value: 0, counts: [], sum: 0 };
    this.#states.set(slot, state);
    return state;
  }
}

/** A counter that has fallen was reset, and has counted from 0 since. */
function since(value: number, before: number): number {
  return value < before ? value : value - before;
}

function countsOf(edges: Edges, edge: EdgeIdentity): EdgeCounts {
  const known = edges.get(edge);
  if (known !== undefined) return known;
  const counts = new EdgeCounts();
  if (edges.size < maxEdges) edges.set(edge, counts);
  return counts;
}

function countRequests(counts: EdgeCounts, read: LabelReader, added: number): void {
  const code = read('response_code');
  const grpcCode = read('grpc_response_status');
  const flags = read('response_flags');
  counts.requests += added;
  if (code !== '') counts.count('codes', code, added);
  if (grpcCode !== '') counts.count('grpcCodes', grpcCode, added);
  if (flags !== '' && flags !== '-') counts.count('flags', flags, added);
  if (isErrorCode(code) || (grpcCode !== '' && grpcCode !== '0')) counts.errors += added;
}

/** 0 is no response at all. Nothing is known where the label has been taken away. */
function isErrorCode(code: string): boolean {
  return code !== '' && (Number(code) === 0 || Number(code) >= 500);
}

/** Cumulative counts as counts of each bucket alone. */
function bucketsBetween(before: readonly number[], now: readonly number[]): number[] {
  const buckets: number[] = [];
  let below = 0;
  for (let bucket = 0; bucket < now.length; bucket++) {
    const upTo = (now[bucket] ?? 0) - (before[bucket] ?? 0);
    buckets.push(upTo - below);
    below = upTo;
  }
  return buckets;
}
