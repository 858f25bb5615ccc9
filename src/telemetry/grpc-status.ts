/** The status of a gRPC call: read from its field, and named in the two spellings of Envoy. */

import type { HeaderList } from '../http1/header-list.ts';
import { grpcStatusNames } from '../model/grpc-status-names.ts';

const camelNames: readonly string[] = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
];

export type GrpcStatusSpelling = 'CAMEL_STRING' | 'SNAKE_STRING' | 'NUMBER';

/** Codes that gRPC does not define are printed as numbers. */
export function formatGrpcStatus(status: number, spelling: GrpcStatusSpelling): string | number {
  if (spelling === 'NUMBER') return status;
  const names = spelling === 'CAMEL_STRING' ? camelNames : grpcStatusNames;
  return names[status] ?? String(status);
}

const statusOfHttp: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
};

/** Where a response does not say it, what its HTTP status stands for (gRPC over HTTP/2); else null. */
export function grpcStatusOf(grpcStatus: number | null, httpStatus: number): number | null {
  if (grpcStatus !== null || httpStatus === 0) return grpcStatus;
  return statusOfHttp[httpStatus] ?? 2;
}

/** The value of a grpc-status field, if there is one. */
export function readGrpcStatus(headers: HeaderList | null): number | null {
  const value = headers?.get('grpc-status');
  return value !== undefined && /^\d{1,3}$/.test(value) ? Number(value) : null;
}
