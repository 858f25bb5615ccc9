/**
 * Istio's standard metrics of HTTP requests. Labels are worked out when a combination of cluster,
 * endpoint, status and flags is first seen; from then on a request costs two or three look-ups and
 * some additions.
 */

import { isDeepStrictEqual } from '../../base/node-util.ts';
import { ownText } from '../../base/own-text.ts';
import type { ProxyIdentity } from '../../model/proxy-identity.ts';
import { formatResponseFlags } from '../response-flags.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { Exemplar } from './histogram.ts';
import { istioLabels } from './istio-labels.ts';
import type { SideSettings } from './metric-tags.ts';
import type { MetricsRegistry } from './metrics.ts';
import { PeerIdentities, type PeerIdentity } from './peer-identity.ts';
import { RequestFamilies, type RequestSlots } from './request-families.ts';
import { type Target, TargetCache } from './target-cache.ts';

/** Requests of one side: those of outbound and gateway listeners, or those of inbound ones. */
class RequestSide {
  readonly #reporter: 'source' | 'destination';
  readonly #families: RequestFamilies;
  readonly #proxy: ProxyIdentity;
  readonly #cache = new TargetCache<RequestSlots>();
  readonly #identities = new PeerIdentities();

  constructor(reporter: 'source' | 'destination', families: RequestFamilies, proxy: ProxyIdentity) {
    this.#reporter = reporter;
    this.#families = families;
    this.#proxy = proxy;
  }

  record(info: StreamInfo): void {
    const slots = this.#slotsOf(info);
    const ms = info.endedAt - info.startedAt;
    if (slots.requests !== null) slots.requests.value++;
    const bucket = slots.duration === null ? 0 : slots.duration.observe(ms);
    if (slots.requestBytes !== null) slots.requestBytes.observe(info.bytesReceived);
    if (slots.responseBytes !== null) slots.responseBytes.observe(info.bytesSent);
    if (slots.requestMessages !== null) slots.requestMessages.value += info.requestMessages;
    if (slots.responseMessages !== null) slots.responseMessages.value += info.responseMessages;
    if (info.spans === null || info.traceId === null) return;
    const exemplar = { traceId: ownText(info.traceId), value: ms, wall: info.startedWall + ms };
    keepExemplar(slots, bucket, exemplar);
  }

  #slotsOf(info: StreamInfo): RequestSlots {
    const identity = this.#identities.identityOf(info);
    const { tags } = this.#families;
    if (identity === null && tags.areFixed) {
      const target = this.#cache.targetOf(info.cluster, info.endpoint, null);
      return this.#knownSlots(info, target) ?? this.#create(info, target, { identity, values: [] });
    }
    const values = tags.evaluate(info);
    const key = [identity?.key ?? '', ...values].join('\0');
    const target = this.#cache.targetOf(info.cluster, info.endpoint, key);
    return this.#knownSlots(info, target) ?? this.#create(info, target, { identity, values });
  }

  #knownSlots(info: StreamInfo, target: Target<RequestSlots>): RequestSlots | undefined {
    const { grpcStatus } = info;
    const slots = grpcStatus === null ? target.slots : target.grpc?.get(grpcStatus);
    return slots?.get(keyOf(info));
  }

  #create(info: StreamInfo, target: Target<RequestSlots>, facts: SlotFacts): RequestSlots {
    const { grpcStatus } = info;
    const base = istioLabels(this.#proxy, {
      reporter: this.#reporter,
      cluster: info.cluster,
      endpoint: info.endpoint,
      identity: facts.identity,
      status: info.status,
      responseFlags: formatResponseFlags(info.responseFlags),
      grpcStatus,
    });
    const slots = this.#families.slots(base, facts.values, grpcStatus !== null);
    mapOf(target, grpcStatus).set(keyOf(info), slots);
    this.#cache.noteKept();
    return slots;
  }
}

/** What labels depend on beside the exchange's own fields. */
interface SlotFacts {
  readonly identity: PeerIdentity | null;
  /** Of the expressions. */
  readonly values: readonly string[];
}

/** A small integer for every request without flags, which V8 hashes fastest. */
function keyOf({ responseFlags, status }: StreamInfo): number {
  return responseFlags * 1024 + status;
}

function mapOf<Slots>(target: Target<Slots>, grpcStatus: number | null): Map<number, Slots> {
  if (grpcStatus === null) return target.slots;
  target.grpc ??= new Map();
  let slots = target.grpc.get(grpcStatus);
  if (slots === undefined) {
    slots = new Map();
    target.grpc.set(grpcStatus, slots);
  }
  return slots;
}

function keepExemplar(slots: RequestSlots, bucket: number, exemplar: Exemplar): void {
  if (slots.requests !== null) slots.requests.exemplar = exemplar;
  slots.duration?.keepExemplar(bucket, exemplar);
}

const standard: SideSettings = { client: {}, server: {} };

export class RequestMetrics {
  readonly #registry: MetricsRegistry;
  #proxy: ProxyIdentity;
  #settings: SideSettings;
  #clientFamilies: RequestFamilies;
  /** The same where the settings are the same. */
  #serverFamilies: RequestFamilies;
  /** null: everything is disabled. */
  #client: RequestSide | null = null;
  #server: RequestSide | null = null;

  constructor(registry: MetricsRegistry, proxy: ProxyIdentity, settings = standard) {
    this.#registry = registry;
    this.#proxy = proxy;
    this.#settings = settings;
    this.#clientFamilies = new RequestFamilies(registry, settings.client);
    this.#serverFamilies = this.#familiesOfServer();
    this.#begin();
  }

  /** From now on requests are counted with the labels of this identity and these settings. */
  follow(proxy: ProxyIdentity, settings = standard): void {
    const isSame = isDeepStrictEqual(settings, this.#settings);
    if (isSame && isDeepStrictEqual(proxy, this.#proxy)) return;
    this.#proxy = proxy;
    this.#settings = settings;
    if (!isSame) {
      for (const family of this.#clientFamilies.all) this.#registry.remove(family);
      for (const family of this.#serverFamilies.all) this.#registry.remove(family);
      this.#clientFamilies = new RequestFamilies(this.#registry, settings.client);
      this.#serverFamilies = this.#familiesOfServer();
    }
    this.#begin();
  }

  /** Called exactly once for each exchange, at its end. */
  record(info: StreamInfo): void {
    const side = info.listener.direction === 'inbound' ? this.#server : this.#client;
    if (side !== null) side.record(info);
  }

  #familiesOfServer(): RequestFamilies {
    const { client, server } = this.#settings;
    if (isDeepStrictEqual(client, server)) return this.#clientFamilies;
    return new RequestFamilies(this.#registry, server);
  }

  #begin(): void {
    this.#client = this.#sideOf('source', this.#clientFamilies);
    this.#server = this.#sideOf('destination', this.#serverFamilies);
  }

  #sideOf(reporter: 'source' | 'destination', families: RequestFamilies): RequestSide | null {
    return families.all.length === 0 ? null : new RequestSide(reporter, families, this.#proxy);
  }
}
