/**
 * /api/v1/requests/stream: requests as they end, as server-sent events. A reader who is too slow
 * loses events and is told how many; the proxy waits for nobody.
 */

import type { LiveTraffic, TrafficReader } from '../../telemetry/traffic/live-traffic.ts';
import type { RequestFilter } from '../../telemetry/traffic/request-filter.ts';
import type { RequestRecord } from '../../telemetry/traffic/request-record.ts';
import { type AdminEndpoint, parameter } from '../admin-endpoint.ts';
import type { StreamingResponse } from '../streaming-response.ts';
import { apiHeaders } from './answers.ts';
import { filterParameter, readCount, readFilter } from './requests.ts';
import type { DroppedRequests } from './schema/requests.ts';
import { formatEvent, heartbeat } from './server-sent-events.ts';

/** Events a second. */
const defaultLimit = 100;
/** What a reader has left unread when it begins to lose events. */
const maxUnreadBytes = 256 * 1024;
/** Between two signs of life, while nothing else is sent. */
const heartbeatSeconds = 10;

export const requestStream: AdminEndpoint = {
  path: '/api/v1/requests/stream',
  mutation: false,
  help: 'send requests as they end, as server-sent events',
  parameters: [
    filterParameter,
    parameter('limit', `at most so many a second; default ${defaultLimit}`),
  ],
  handle: ({ query }, state) => {
    const filter = readFilter(query);
    if (!filter.ok) return filter.error;
    const limit = readCount(query, 'limit', defaultLimit);
    if (!limit.ok) return limit.error;
    return {
      status: 200,
      contentType: 'text/event-stream',
      headers: apiHeaders,
      body: (stream) => follow(state.traffic, new EventWriter(stream, filter.value, limit.value)),
    };
  },
};

function follow(traffic: LiveTraffic, writer: EventWriter): void {
  const leave = traffic.subscribe(writer);
  writer.stream.onClose(leave);
}

class EventWriter implements TrafficReader {
  readonly stream: StreamingResponse;
  readonly filter: RequestFilter | null;
  readonly perSecond: number;
  #bySlowReader = 0;
  #byLimit = 0;
  #quietSeconds = 0;

  constructor(stream: StreamingResponse, filter: RequestFilter | null, perSecond: number) {
    this.stream = stream;
    this.filter = filter;
    this.perSecond = perSecond;
    // The head alone would stay in the buffers of some clients.
    stream.write(heartbeat);
  }

  onRequest(record: RequestRecord): void {
    if (this.stream.unreadBytes > maxUnreadBytes) {
      this.#bySlowReader++;
      return;
    }
    this.#quietSeconds = 0;
    this.stream.write(formatEvent('request', JSON.stringify(record)));
  }

  onSecond(dropped: number): void {
    this.#byLimit += dropped;
    this.#quietSeconds++;
    if (this.stream.unreadBytes > maxUnreadBytes) return;
    if (this.#byLimit + this.#bySlowReader > 0) {
      const event: DroppedRequests = { byLimit: this.#byLimit, bySlowReader: this.#bySlowReader };
      this.#byLimit = 0;
      this.#bySlowReader = 0;
      this.stream.write(formatEvent('dropped', JSON.stringify(event)));
    } else if (this.#quietSeconds % heartbeatSeconds === 0) {
      this.stream.write(heartbeat);
    }
  }
}
