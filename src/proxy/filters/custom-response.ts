/**
 * Answers that another cluster gives in place of a route's own (Envoy custom_response, nginx
 * custom-http-errors). What that cluster answers is final, whatever it is.
 */

import { assert } from '../../base/assert.ts';
import { wireFromUnicode } from '../../base/wire-text.ts';
import type { LiveCluster } from '../../cluster/live-cluster.ts';
import { isFieldName, isFieldValue } from '../../http1/field-syntax.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import { noBody } from '../../http1/message-head.ts';
import type { CustomResponsePolicy } from '../../model/custom-response.ts';
import { responseFlag } from '../../telemetry/response-flags.ts';
import type { UpstreamHead } from '../../transport/upstream-stream.ts';
import type { Stream } from '../stream/stream.ts';

/** Of the request's body, which that cluster is not sent. */
const bodyFields = ['content-length', 'content-type', 'content-encoding', 'expect'];

type Field = readonly [name: string, value: string];

/** What it is made of is validated before, so that what cannot be sent is a mistake here. */
function wireField([name, value]: Field): Field {
  const wire = wireFromUnicode(value);
  assert(isFieldName(name) && isFieldValue(wire), 'a field of a question can stand in a head');
  return [name.toLowerCase(), wire];
}

const nobodyAsked = responseFlag.noHealthyUpstream | responseFlag.noCluster;

/** How long that cluster may take: as long as the route's own. Milliseconds, 0 is no limit. */
export interface PageTimes {
  readonly timeoutMs: number;
  /** Between two signs of life. */
  readonly idleTimeoutMs: number;
}

/** Where a route has no limit its pages have one, nginx's own for reading. */
const defaultIdleTimeoutMs = 60_000;

export class CustomResponse implements PageTimes {
  readonly timeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly #statuses: ReadonlySet<number>;
  /** Response flags of answers that are replaced whatever their status. */
  readonly #flags: number;
  readonly #cluster: string;
  readonly #requestHeaders: readonly Field[];

  constructor(policy: CustomResponsePolicy, { timeoutMs, idleTimeoutMs }: PageTimes) {
    const { statuses, withoutEndpoints, cluster, requestHeaders } = policy;
    this.timeoutMs = timeoutMs;
    const isBounded = timeoutMs > 0 || idleTimeoutMs > 0;
    this.idleTimeoutMs = isBounded ? idleTimeoutMs : defaultIdleTimeoutMs;
    this.#statuses = new Set(statuses);
    this.#flags = withoutEndpoints === true ? nobodyAsked : 0;
    this.#cluster = cluster;
    this.#requestHeaders = Object.entries(requestHeaders).map(wireField);
  }

  /**
   * Who answers in place of a response with this status and, of the proxy's own, this flag; null: it
   * stays.
   */
  clusterFor(stream: Stream, status: number, flag: number): LiveCluster | null {
    if (!this.#statuses.has(status) && (flag & this.#flags) === 0) return null;
    return stream.snapshot.clusters.get(this.#cluster) ?? null;
  }

  /** The question for that cluster, about a response with this status. */
  head(stream: Stream, status: number): UpstreamHead {
    return {
      method: stream.method === 'HEAD' ? 'HEAD' : 'GET',
      path: `/${queryOf(stream.head.target)}`,
      scheme: stream.scheme,
      isHttp2: stream.info.protocol === 'HTTP/2',
      headers: this.#headers(stream, status),
      framing: noBody,
      upgrading: false,
    };
  }

  #headers(stream: Stream, status: number): HeaderList {
    const headers = stream.headers.clone();
    for (const name of bodyFields) headers.remove(name);
    headers.set('host', stream.authority);
    headers.set('x-code', String(status));
    headers.set('x-original-uri', stream.head.target);
    const format = headers.get('accept');
    if (format === undefined) headers.remove('x-format');
    else headers.set('x-format', format);
    if (stream.facts.requestId !== null) headers.set('x-request-id', stream.facts.requestId);
    for (const [name, value] of this.#requestHeaders) headers.set(name, value);
    return headers;
  }
}

/** nginx keeps the query where it replaces the path. */
function queryOf(target: string): string {
  const question = target.indexOf('?');
  return question < 0 ? '' : target.slice(question);
}
