/** Who makes attempts: the router of a request, or a mirror beside it. */

import type { HeaderList } from '../../http1/header-list.ts';
import type { ResponseHead } from '../../http1/message-head.ts';
import type { Limits } from '../../model/limits.ts';
import type { UpstreamStream } from '../../transport/upstream-stream.ts';
import type { ProxyContext } from '../proxy-context.ts';
import type { ProxyErrorCode } from '../proxy-error.ts';
import type { Attempt } from './attempt.ts';

export interface AttemptOwner {
  readonly context: ProxyContext;
  readonly limits: Limits;
  /** Everything of the request has been handed to the stream. */
  readonly requestSent: boolean;
  /** There is a stream: the request is to be sent. */
  onAttemptReady(attempt: Attempt, stream: UpstreamStream): void;
  onInformational(head: ResponseHead): void;
  onResponseHead(attempt: Attempt, head: ResponseHead): void;
  /** The bytes are valid during the call only. */
  onResponseBody(bytes: Buffer, start: number, end: number): void;
  onResponseEnd(attempt: Attempt, trailers: HeaderList | null): void;
  onAttemptFailure(attempt: Attempt, code: ProxyErrorCode, message: string): void;
  /** The stream is lost, nothing of the request has left: whether all of it can be sent again. */
  takeBack(): boolean;
  /** The attempt has let go of its stream, however it ended. */
  onAttemptOver(): void;
  onUpstreamDrain(): void;
}
