/**
 * What stands between a route and the clients that may use it: the size of a body, how often and
 * how many at once each may ask, and from where. In the order of nginx, whose annotations they are.
 */

import type { AddressSet, AddressSets } from '../../base/address-set.ts';
import type {
  ConcurrencyLimit,
  LocalRateLimit,
  RequestAdmission,
} from '../../model/request-admission.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import { type LocalReply, localReply } from '../local-reply.ts';
import type { Stream } from '../stream/stream.ts';
import { ConcurrencySlots, type ConcurrencyZone } from './concurrency-zone.ts';
import type { LimitZones } from './limit-zones.ts';
import type { RateLimitZone } from './rate-limit-zone.ts';
import { SourceIpFilter } from './source-ip-filter.ts';

/** A limit with its counts. */
interface Counted<Limit, Zone> {
  readonly limit: Limit;
  readonly zone: Zone;
  /** Clients that it does not hold for. */
  readonly exempt: AddressSet | null;
  readonly reply: LocalReply;
}

type CountedRate = Counted<LocalRateLimit, RateLimitZone>;
type CountedConcurrency = Counted<ConcurrencyLimit, ConcurrencyZone>;

/** A small integer, so that a stream without a limit needs no memory for it. */
export const noBodyLimit = -1;

/** Of a body that is larger than the route takes, whenever that is found. */
export const tooLargeReply = localReply(413, 'request_payload_too_large', {
  body: 'Payload Too Large',
});

const deniedReply = localReply(403, 'rbac_access_denied_matched_policy[none]', {
  body: 'RBAC: access denied',
});

export class AdmissionFilter {
  readonly #maxRequestBytes: number;
  /** For whom no limit holds; null where each limit says it by itself. */
  readonly #exempt: AddressSet | null;
  readonly #rates: readonly CountedRate[] | null;
  readonly #concurrency: readonly CountedConcurrency[] | null;
  readonly #sources: SourceIpFilter | null;

  /** Zones are there for every limit of the configuration. */
  constructor(model: RequestAdmission, zones: LimitZones) {
    const { rateLimits, concurrencyLimits, sourceIps, maxRequestBytes } = model;
    this.#maxRequestBytes = maxRequestBytes ?? noBodyLimit;
    const { addresses } = zones;
    this.#exempt = commonExemption([...rateLimits, ...concurrencyLimits], addresses);
    const sets = this.#exempt === null ? addresses : null;
    this.#rates = counted(rateLimits, zones.rates, { sets, details: 'local_rate_limited' });
    const details = 'concurrency_limited';
    this.#concurrency = counted(concurrencyLimits, zones.concurrency, { sets, details });
    this.#sources = sourceIps === null ? null : new SourceIpFilter(sourceIps, addresses);
  }

  /**
   * The answer to a request that may not go on; null where it may, and is counted then. What its
   * body may grow to is left with the stream.
   */
  refuse(stream: Stream): LocalReply | null {
    if (this.#maxRequestBytes !== noBodyLimit && this.#isTooLarge(stream)) {
      stream.connection.listener.stats.downstreamRqTooLarge++;
      return tooLargeReply;
    }
    return (
      this.#overLimit(stream) ??
      (this.#sources === null ? null : fromElsewhere(this.#sources, stream))
    );
  }

  #overLimit(stream: Stream): LocalReply | null {
    if (this.#exempt?.has(stream.remoteAddress) === true) return null;
    return (
      (this.#rates === null ? null : overRate(this.#rates, stream)) ??
      (this.#concurrency === null ? null : overConcurrency(this.#concurrency, stream))
    );
  }

  #isTooLarge(stream: Stream): boolean {
    stream.bodyBytesMax = this.#maxRequestBytes;
    const { framing } = stream.head;
    const announced = framing.kind === 'length' ? framing.length : stream.info.bytesReceived;
    return announced > this.#maxRequestBytes;
  }
}

type AnyLimit = LocalRateLimit | ConcurrencyLimit;

/** Limits of one Ingress name the same clients, which are looked for once then. */
function commonExemption(limits: readonly AnyLimit[], sets: AddressSets): AddressSet | null {
  const [first] = limits;
  if (first === undefined || first.exempt.length === 0) return null;
  const exempt = sets.of(first.exempt);
  return limits.every((limit) => sets.of(limit.exempt) === exempt) ? exempt : null;
}

interface CountedOptions {
  /** null where nobody is exempt from one limit alone. */
  readonly sets: AddressSets | null;
  readonly details: string;
}

function counted<Limit extends AnyLimit, Zone>(
  limits: readonly Limit[],
  zones: ReadonlyMap<string, Zone>,
  { sets, details }: CountedOptions,
): Counted<Limit, Zone>[] | null {
  if (limits.length === 0) return null;
  return limits.map((limit) => ({
    limit,
    zone: zones.get(limit.name) as Zone,
    exempt: sets === null || limit.exempt.length === 0 ? null : sets.of(limit.exempt),
    reply: localReply(limit.status, details, { flag: responseFlag.rateLimited, body: details }),
  }));
}

/** As in nginx none counts a request that another one refuses. */
function overRate(rates: readonly CountedRate[], stream: Stream): LocalReply | null {
  const { stats } = stream.connection.listener;
  const client = stream.remoteAddress;
  const now = Math.floor(stream.context.clock.now());
  for (const rate of rates) {
    if (isExempt(rate, client) || rate.zone.admits(client, rate.limit, now)) continue;
    stats.rateLimited++;
    return rate.reply;
  }
  const options = { now, clientsMax: stream.limits.clientsPerRateLimit };
  for (const rate of rates) {
    if (isExempt(rate, client)) continue;
    if (rate.zone.count(client, rate.limit, options)) stats.rateLimitClientsForgotten++;
  }
  stats.rateLimitOk++;
  return null;
}

function overConcurrency(limits: readonly CountedConcurrency[], stream: Stream): LocalReply | null {
  const client = stream.remoteAddress;
  let slots: ConcurrencySlots | null = null;
  for (const counted of limits) {
    const { zone, limit, reply } = counted;
    if (isExempt(counted, client)) continue;
    if (zone.active(client) >= limit.maxRequests) {
      slots?.release();
      stream.connection.listener.stats.concurrencyLimited++;
      return reply;
    }
    slots ??= new ConcurrencySlots(client);
    slots.take(zone);
  }
  stream.slots = slots;
  return null;
}

function fromElsewhere(sources: SourceIpFilter, stream: Stream): LocalReply | null {
  const { stats } = stream.connection.listener;
  if (sources.admits(stream.remoteAddress)) {
    stats.rbacAllowed++;
    return null;
  }
  stats.rbacDenied++;
  return deniedReply;
}

function isExempt({ exempt }: { readonly exempt: AddressSet | null }, client: string): boolean {
  return exempt?.has(client) === true;
}
