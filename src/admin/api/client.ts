/**
 * The typed client of /api/v1, for the commands that look at a running proxy. What can go wrong
 * comes back as a sentence that says what to do.
 */

import { askHttp, type HttpAnswer } from '../../base/ask-http.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ConnectionExplanation } from '../../explain/connection-explanation.ts';
import type { Explanation } from '../../explain/explanation.ts';
import type { RequestRecord } from '../../telemetry/traffic/request-record.ts';
import type { TrafficGraph } from '../../telemetry/traffic/traffic-graph.ts';
import { apiHeader, apiVersion } from './answers.ts';
import { describeConnectionError, describeRefusal, notTheApi } from './client-error.ts';
import type { ClusterList, EndpointList } from './schema/clusters.ts';
import type { ProxyInfo } from './schema/info.ts';
import type { ListenerList } from './schema/listeners.ts';
import type { DroppedRequests, RecentRequestList } from './schema/requests.ts';
import type { ResourceDetail, ResourceList } from './schema/resources.ts';
import type { RouteTableList } from './schema/routes.ts';
import { EventReader, type ServerSentEvent } from './server-sent-events.ts';

/** What is undefined is left out; of a list each value is a parameter of its own. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface RequestQuery {
  /** In the language of docs/api.md. */
  readonly filter?: string | undefined;
  readonly limit?: number | undefined;
}

/** Who comes, and by which listener. */
interface ClientQuery {
  readonly listener?: string | undefined;
  readonly side?: 'mesh' | 'gateway' | undefined;
  readonly gateway?: string | undefined;
  readonly sni?: string | undefined;
  readonly client?: string | undefined;
  /** PEM, or `none`. */
  readonly certificate?: string | undefined;
}

export interface ExplainQuery extends ClientQuery {
  readonly method?: string;
  readonly url: string;
  /** `name: value`, each. */
  readonly header?: readonly string[];
}

export interface ExplainConnectionQuery extends ClientQuery {
  /** `host:port`. */
  readonly to: string;
}

export interface GraphQuery {
  /** `60s`. */
  readonly window?: string;
  readonly groupBy?: 'workload' | 'version' | 'service';
}

export type LiveEvent =
  | { readonly kind: 'request'; readonly request: RequestRecord }
  | { readonly kind: 'dropped'; readonly dropped: DroppedRequests };

export class AdminClient {
  readonly #base: string;

  /** `address` is `HOST:PORT` of the admin API, or its URL. */
  constructor(address: string) {
    const url = /^https?:\/\//.test(address) ? address : `http://${address}`;
    this.#base = url.replace(/\/+$/, '');
  }

  info(): Promise<Result<ProxyInfo, string>> {
    return this.get('info');
  }

  resources(): Promise<Result<ResourceList, string>> {
    return this.get('resources');
  }

  resource(kind: string, namespace: string, name: string): Promise<Result<ResourceDetail, string>> {
    // A path has no empty segment: `-` stands for no namespace.
    const segments = [kind, namespace || '-', name].map(encodeURIComponent);
    return this.get(`resources/${segments.join('/')}`);
  }

  listeners(): Promise<Result<ListenerList, string>> {
    return this.get('listeners');
  }

  routes(): Promise<Result<RouteTableList, string>> {
    return this.get('routes');
  }

  clusters(): Promise<Result<ClusterList, string>> {
    return this.get('clusters');
  }

  endpoints(query: { readonly cluster?: string } = {}): Promise<Result<EndpointList, string>> {
    return this.get('endpoints', { ...query });
  }

  explain(query: ExplainQuery): Promise<Result<Explanation, string>> {
    return this.get('explain', { ...query });
  }

  requests(query: RequestQuery = {}): Promise<Result<RecentRequestList, string>> {
    return this.get('requests', { ...query });
  }

  explainConnection(query: ExplainConnectionQuery): Promise<Result<ConnectionExplanation, string>> {
    return this.get('explain/connection', { ...query });
  }

  graph(query: GraphQuery = {}): Promise<Result<TrafficGraph, string>> {
    return this.get('graph', { ...query });
  }

  /**
   * Requests as they end, from now on; `limit` is for each second. The iteration ends when the
   * proxy does, and at once when `signal` says so.
   */
  async streamRequests(
    query: RequestQuery,
    signal?: AbortSignal,
  ): Promise<Result<AsyncIterable<LiveEvent>, string>> {
    const answer = await this.#ask('requests/stream', { ...query }, signal);
    if (!answer.ok) return answer;
    return ok(liveEvents(answer.value, signal));
  }

  /** Any path below /api/v1. `Answer` is what the document says of it, and is not checked. */
  async get<Answer>(path: string, query: Query = {}): Promise<Result<Answer, string>> {
    const answer = await this.#ask(path, query);
    if (!answer.ok) return answer;
    try {
      return ok(JSON.parse(await answer.value.text()) as Answer);
    } catch {
      // Something else answers there, or it ended in the middle.
      return err(notTheApi(this.#base));
    }
  }

  async #ask(
    path: string,
    query: Query,
    signal?: AbortSignal,
  ): Promise<Result<HttpAnswer, string>> {
    let response: HttpAnswer;
    try {
      const url = `${this.#base}/api/v1/${path}${queryText(query)}`;
      response = await askHttp(url, { signal });
    } catch (error) {
      return err(describeConnectionError(error as Error, this.#base));
    }
    if (response.headers[apiHeader] === apiVersion) {
      return response.ok ? ok(response) : err(await describeRefusal(response, this.#base));
    }
    response.cancel();
    return err(notTheApi(this.#base));
  }
}

function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of typeof value === 'object' ? value : [value]) {
      parameters.append(name, String(one));
    }
  }
  return parameters.size === 0 ? '' : `?${parameters}`;
}

async function* liveEvents({ pieces }: HttpAnswer, signal?: AbortSignal): AsyncIterable<LiveEvent> {
  const reader = new EventReader();
  try {
    for await (const piece of pieces) {
      for (const event of reader.push(piece)) {
        const live = liveEvent(event);
        if (live !== null) yield live;
      }
    }
  } catch (error) {
    // The proxy has gone, or the caller has had enough: either way there is no more.
    if (signal?.aborted === true || !(error instanceof SyntaxError)) return;
    throw error;
  }
}

/** null: of a kind that a newer proxy has. */
function liveEvent({ name, data }: ServerSentEvent): LiveEvent | null {
  switch (name) {
    case 'request':
      return { kind: 'request', request: JSON.parse(data) as RequestRecord };
    case 'dropped':
      return { kind: 'dropped', dropped: JSON.parse(data) as DroppedRequests };
    default:
      return null;
  }
}
