/** Names of the gRPC status codes, in the two spellings of Envoy. */

import { grpcStatusNames } from '../model/grpc-status.ts';

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
