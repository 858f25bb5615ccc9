/**
 * The answers of the proxy itself as they go out: turned into gRPC's form where the client speaks
 * it, with the route's header operations, framed.
 */

import { grpcStatusFor } from '../grpc.ts';
import { grpcReply, type LocalReply, localReply, localReplyHeaders } from '../local-reply.ts';
import type { ProxyError } from '../proxy-error.ts';
import { applyRouteHeaders } from './response-rules.ts';
import type { Stream } from './stream.ts';

/** All of the answer but its end. */
export function sendReply(stream: Stream, answer: LocalReply, grpcStatus: number | null): void {
  const { info, response } = stream;
  const asGrpc = stream.isGrpc && !answer.plain;
  const reply = asGrpc ? grpcReply(answer, grpcStatus ?? grpcStatusFor(answer.status)) : answer;
  const { status, body } = reply;
  info.responseFlags |= reply.flag;
  info.details = reply.details;
  // To Envoy a 400 is a message that may have been misread, whoever says so.
  response.close ||= reply.close || answer.status === 400 || !stream.request.isComplete;
  const headers = localReplyHeaders(reply);
  applyRouteHeaders(stream, status, headers);
  const framed = body !== '' && status !== 204;
  if (framed) {
    headers.set('content-length', String(body.length));
    if (!headers.has('content-type')) headers.append('content-type', 'text/plain');
  } else if (asGrpc) {
    // What makes it an answer of gRPC is not the route's to change.
    for (const [name, value] of reply.headers.slice(answer.headers.length)) {
      headers.set(name, value);
    }
  } else headers.remove('content-type');
  stream.sendHead(status, headers, framed ? 'length' : 'empty');
  const isSent = framed && status !== 304 && stream.method !== 'HEAD';
  info.localReplyBody = body;
  if (isSent) stream.output.text(body);
}

/** `retried`: it was not the first attempt that failed so. */
export function upstreamFailureReply(
  stream: Stream,
  error: ProxyError,
  retried: boolean,
): LocalReply {
  const { status, flag } = error.outcome;
  return localReply(status === 504 ? stream.timeoutStatus : status, error.details, {
    flag,
    body: error.body(retried),
    headers: error.code === 'overflow' ? [['x-envoy-overloaded', 'true']] : [],
  });
}

/** For an exchange on which nothing moves any more. A client that sends nothing gets a 408. */
export function idleTimeoutReply(stream: Stream, error: ProxyError): LocalReply {
  const { status, flag, body } = error.outcome;
  return localReply(stream.request.isComplete ? status : 408, error.details, { flag, body });
}
