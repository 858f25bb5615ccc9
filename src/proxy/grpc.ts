/** What a proxy must know of gRPC over HTTP: whether it is, and how statuses map. */

import type { HeaderList } from '../http1/header-list.ts';

const grpcType = 'application/grpc';

/** `application/grpc`, alone or with a message format (`+proto`); not gRPC-Web. */
export function isGrpc(headers: HeaderList): boolean {
  const type = headers.get('content-type');
  if (type === undefined || !type.startsWith(grpcType)) return false;
  return type.length === grpcType.length || type.charAt(grpcType.length) === '+';
}

/** gRPC status for an HTTP status (grpc/grpc doc/http-grpc-status-mapping.md). */
export function grpcStatusFor(httpStatus: number): number {
  switch (httpStatus) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return 2;
  }
}

/** The HTTP status that a gRPC status stands for, as outlier detection counts it (Envoy grpcToHttpStatus). */
const httpStatuses: readonly number[] = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
];

export function httpStatusFor(grpcStatus: string): number {
  return httpStatuses[Number(grpcStatus)] ?? 500;
}

/** Percent-encoded as gRPC over HTTP/2 asks (Status-Message): no byte can end the header line. */
export function grpcMessage(text: string): string {
  return text.replace(/[^ -$&-~]/g, (char) => `%${hexByte(char.charCodeAt(0))}`);
}

function hexByte(byte: number): string {
  return (byte & 0xff).toString(16).toUpperCase().padStart(2, '0');
}
