/** An answer that the proxy makes itself. Each has a response flag (or none) and details. */

import { HeaderList } from '../http1/header-list.ts';
import { reasonPhrase } from '../http1/status.ts';
import { grpcMessage } from './grpc.ts';

export interface LocalReply {
  readonly status: number;
  readonly flag: number;
  /** `%RESPONSE_CODE_DETAILS%`. */
  readonly details: string;
  /** Latin-1 text, empty for none. */
  readonly body: string;
  /** Before the fields that describe the body. */
  readonly headers: readonly (readonly [string, string])[];
  /** The connection ends after this answer. */
  readonly close: boolean;
  /** gRPC clients get it as it is, too. */
  readonly plain: boolean;
}

interface LocalReplyOptions {
  readonly flag?: number;
  readonly body?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly close?: boolean;
  readonly plain?: boolean;
}

export function localReply(
  status: number,
  details: string,
  options: LocalReplyOptions = {},
): LocalReply {
  const { flag = 0, body = '', headers = [], close = false, plain = false } = options;
  return { status, flag, details, body, headers, close, plain };
}

/** The answer to bytes that are no acceptable HTTP/1.1 request. */
export function codecErrorReply(status: number, details: string, flag: number): LocalReply {
  return localReply(status, details, { flag, body: reasonPhrase(status), close: true });
}

/** Bytes kept of a body that becomes a message. */
const grpcMessageMax = 1024;

/** gRPC clients get the failure as a status of their own kind, with HTTP status 200. */
export function grpcReply(reply: LocalReply, grpcStatus: number): LocalReply {
  const headers: (readonly [string, string])[] = [
    ...reply.headers,
    ['content-type', 'application/grpc'],
    ['grpc-status', String(grpcStatus)],
  ];
  if (reply.body !== '')
    headers.push(['grpc-message', grpcMessage(reply.body.slice(0, grpcMessageMax))]);
  return { ...reply, status: 200, body: '', headers };
}

/** Header block of a local reply, without what every response carries. */
export function localReplyHeaders(reply: LocalReply): HeaderList {
  const headers = new HeaderList();
  for (const [name, value] of reply.headers) headers.append(name, value);
  return headers;
}
