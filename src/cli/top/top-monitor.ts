/** What `sluice top` knows of a running proxy, and how it keeps it fresh. */

import type { LiveEvent } from '../../admin/api/client.ts';
import type { EndpointState } from '../../admin/api/schema/clusters.ts';
import type { ProxyInfo } from '../../admin/api/schema/info.ts';
import type { Clock } from '../../base/clock.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { AdminConnection } from '../options/admin-connection.ts';
import type { EndpointLoad } from './top-tables.ts';
import { TrafficWindow } from './traffic-window.ts';

/** Numbers are about so many of the last milliseconds. */
const windowMs = 10_000;
/** More would cost the proxy more than they tell; the others are counted. */
const streamedPerSecond = 1000;
/** Requests that a proxy remembers, and more. */
const rememberedAtMost = 10_000;
/** Of the time that the numbers are about: who was watched for less may have had requests before. */
const knownShare = 0.8;
/** Milliseconds without an answer after which the user is told. */
const patienceMs = 3000;

interface EndpointSample {
  /** Clock.now() */
  readonly at: number;
  /** Counted since the start, by endpoint. */
  readonly requests: ReadonlyMap<string, number>;
}

export class TopMonitor {
  readonly traffic = new TrafficWindow(windowMs);
  info: ProxyInfo | null = null;
  endpoints: readonly EndpointLoad[] = [];
  readonly #admin: AdminConnection;
  readonly #clock: Clock;
  #problem: string | null = null;
  #isStreaming = false;
  #isAsking = false;
  #answeredAt: number;
  /** The oldest first. */
  #samples: EndpointSample[] = [];

  constructor(admin: AdminConnection, clock: Clock) {
    this.#admin = admin;
    this.#clock = clock;
    this.#answeredAt = clock.now();
  }

  /** Host and port of the admin API. */
  get place(): string {
    return this.#admin.place;
  }

  /** Why what is known is old; null: it is not. */
  get problem(): string | null {
    if (this.#problem !== null) return this.#problem;
    const silence = this.#clock.now() - this.#answeredAt;
    if (silence < patienceMs) return null;
    return `no answer from ${this.place} for ${Math.floor(silence / 1000)} s`;
  }

  /** Begins to read along. The value says whether the requests of the last seconds are known. */
  async connect(): Promise<Result<boolean, string>> {
    const { client } = this.#admin;
    const events = await client.streamRequests({ limit: streamedPerSecond });
    if (!events.ok) return events;
    const recent = await client.requests({ limit: rememberedAtMost });
    if (!recent.ok) return recent;
    this.#samples = [];
    const hasPast = this.traffic.begin(recent.value, this.#clock.wall());
    this.#isStreaming = true;
    void this.#read(events.value);
    return ok(hasPast);
  }

  /** Asks for what is not streamed, and connects again where that is needed. Never rejects. */
  async refresh(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const answer = await this.#ask();
    this.#isAsking = false;
    this.#problem = answer.ok ? null : answer.error;
    this.#answeredAt = this.#clock.now();
  }

  async #ask(): Promise<Result<null, string>> {
    if (!this.#isStreaming) {
      const connected = await this.connect();
      if (!connected.ok) return connected;
    }
    const { client } = this.#admin;
    const [info, endpoints] = await Promise.all([client.info(), client.endpoints()]);
    if (!info.ok) return info;
    if (!endpoints.ok) return err(endpoints.error);
    this.info = info.value;
    this.#measure(endpoints.value.endpoints);
    return ok(null);
  }

  async #read(events: AsyncIterable<LiveEvent>): Promise<void> {
    try {
      for await (const event of events) {
        if (event.kind === 'request') {
          this.traffic.add(event.request);
          continue;
        }
        const { byLimit, bySlowReader } = event.dropped;
        this.traffic.addUnseen(byLimit + bySlowReader, this.#clock.wall());
      }
    } catch {
      // An event was no JSON: whatever sends that, it is asked again.
    }
    // The proxy has gone, or something in between: the next refresh says which.
    this.#isStreaming = false;
  }

  /** Rates are over the window, or as far back as is known. */
  #measure(endpoints: readonly EndpointState[]): void {
    const at = this.#clock.now();
    const requests = new Map(endpoints.map((endpoint) => [keyOf(endpoint), endpoint.requests]));
    this.#samples = this.#samples.filter((sample) => sample.at >= at - windowMs);
    const oldest = this.#samples[0] ?? { at, requests };
    this.#samples.push({ at, requests });
    const watchedMs = at - oldest.at;
    const windowIsKnown = watchedMs >= knownShare * 1000 * this.traffic.seconds(this.#clock.wall());
    this.endpoints = endpoints.map((endpoint) => {
      const before = oldest.requests.get(keyOf(endpoint));
      if (before === undefined || watchedMs === 0) return { endpoint, requestsPerSecond: null };
      const count = endpoint.requests - before;
      // Less than before: the proxy was started anew, or the endpoint came back.
      const isKnown = count > 0 || (count === 0 && windowIsKnown);
      return { endpoint, requestsPerSecond: isKnown ? count / (watchedMs / 1000) : null };
    });
  }
}

function keyOf({ cluster, address }: EndpointState): string {
  return `${cluster} ${address}`;
}
