/**
 * The request of one exchange on its way up: its body is kept until there is a router, and goes to
 * it and to every mirror as it comes.
 */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { HeaderList } from '../../http1/header-list.ts';
import type { UpstreamHead } from '../../transport/upstream-stream.ts';
import type { PageTimes } from '../filters/custom-response.ts';
import { keepTrailers } from '../headers/trailers.ts';
import { Mirror } from '../mirror/mirror.ts';
import { Mirrors } from '../mirror/mirrors.ts';
import { RequestBody } from '../router/request-body.ts';
import { Router } from '../router/router.ts';
import type { Stream } from './stream.ts';

export class ForwardedRequest {
  /** Clock.now() from which the route's timeout counts; 0 while the request is not complete. */
  endedAt = 0;

  readonly #stream: Stream;
  /** null for a request without one. */
  readonly #body: RequestBody | null;
  #router: Router | null = null;
  /** null where nothing is mirrored. */
  #mirrors: Mirrors | null = null;
  #ended = false;
  /** What comes of the body is for mirrors alone. */
  #isAnswered = false;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#body = stream.head.framing.kind === 'none' ? null : new RequestBody();
  }

  /** Nothing of it is left to read. */
  get isComplete(): boolean {
    return this.#ended || this.#body === null;
  }

  /** False: it was answered at once. */
  forward(cluster: LiveCluster, hash: bigint | null): boolean {
    const stream = this.#stream;
    const router = new Router(stream, this.#head(), {
      cluster,
      body: this.#body,
      timeoutMs: stream.timeoutMs,
      idleTimeoutMs: stream.runtime?.idleTimeoutMs ?? 0,
      sendTimeoutMs: stream.runtime?.sendTimeoutMs ?? 0,
      retryPolicy: stream.retryPolicy,
      fault: stream.runtime?.attemptFault ?? null,
      hash,
      destination: stream.destination,
      attemptCountHeader: stream.settings.attemptCountHeader,
    });
    this.#router = router;
    router.start();
    // Another one may have taken its place by now.
    if (router.over) return false;
    if (!this.#ended) return true;
    // A fault's delay is before the time that the route gives to its endpoints.
    if (stream.faultActive) this.endedAt = stream.context.clock.now();
    router.onRequestEnd(this.endedAt);
    return true;
  }

  /** Asks another cluster in place of those that were asked before, if any were. */
  askElsewhere(cluster: LiveCluster, head: UpstreamHead, times: PageTimes): void {
    const stream = this.#stream;
    this.#isAnswered = true;
    this.#body?.forget();
    const router = new Router(stream, head, {
      cluster,
      body: null,
      timeoutMs: times.timeoutMs,
      idleTimeoutMs: times.idleTimeoutMs,
      sendTimeoutMs: 0,
      retryPolicy: null,
      fault: null,
      hash: null,
      destination: null,
      attemptCountHeader: false,
    });
    this.#router = router;
    router.start();
    if (!router.over) router.onRequestEnd(stream.context.clock.now());
  }

  /** What there is of the body so far; null for a request without one. */
  copyBody(): RequestBody | null {
    if (this.#body === null) return null;
    const copy = new RequestBody();
    this.#body.copyTo(copy);
    return copy;
  }

  /** Sends a copy to `cluster` too; `received` is its body so far. */
  mirror(cluster: LiveCluster, received: RequestBody | null): void {
    const mirror = new Mirror(this.#stream, this.#head(), cluster);
    this.#mirrors ??= new Mirrors();
    this.#mirrors.add(mirror);
    mirror.start(this.#stream, received);
  }

  /** The bytes are valid during the call only. */
  onBody(bytes: Buffer, start: number, end: number): void {
    const body = this.#body;
    if (body === null) return;
    const stream = this.#stream;
    stream.touch();
    if (!this.#isAnswered) body.push(bytes, start, end);
    this.#mirrors?.onRequestBody(bytes, start, end);
    if (this.#isAnswered) return;
    if (this.#router !== null) this.#router.onRequestBody(body);
    else if (body.keptBytes > stream.connection.bufferBytesMax) stream.reader.pauseReading();
  }

  onEnd(trailers: HeaderList | null): void {
    const { context, info, runtime, upgrading } = this.#stream;
    this.#ended = true;
    // Without a body it ended where it began.
    this.endedAt = this.#body === null ? info.startedAt : context.clock.now();
    // Behind the head of an upgrade more follows.
    if (!upgrading) info.requestEndAt = this.endedAt;
    const kept = trailers === null ? null : keepTrailers(trailers, runtime);
    if (!this.#isAnswered) {
      this.#body?.end(kept);
      this.#router?.onRequestEnd(this.endedAt);
    }
    this.#mirrors?.onRequestEnd(kept);
  }

  /** The request has become a tunnel; its bytes are valid during the call only. */
  onTunnelBytes(bytes: Buffer, start: number, end: number): void {
    this.#mirrors?.onTunnelBytes(bytes, start, end);
  }

  /** The client takes more of the response again. */
  resumeResponse(): void {
    this.#router?.resumeUpstream();
  }

  /** No answer is wanted any more. Mirrors of a complete request go on. */
  abort(): void {
    this.#router?.abort();
    if (this.isComplete) this.#mirrors?.endTunnels();
    else this.#mirrors?.abort();
  }

  #head(): UpstreamHead {
    const { method, upstreamPath: path, scheme, info, headers, head, upgrading } = this.#stream;
    const isHttp2 = info.protocol === 'HTTP/2';
    return { method, path, scheme, isHttp2, headers, framing: head.framing, upgrading };
  }
}
