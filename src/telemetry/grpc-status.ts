/** Names of the gRPC status codes, in the two spellings of Envoy. */

const names = [
  ['OK', 'OK'],
  ['Canceled', 'CANCELLED'],
  ['Unknown', 'UNKNOWN'],
  ['InvalidArgument', 'INVALID_ARGUMENT'],
  ['DeadlineExceeded', 'DEADLINE_EXCEEDED'],
  ['NotFound', 'NOT_FOUND'],
  ['AlreadyExists', 'ALREADY_EXISTS'],
  ['PermissionDenied', 'PERMISSION_DENIED'],
  ['ResourceExhausted', 'RESOURCE_EXHAUSTED'],
  ['FailedPrecondition', 'FAILED_PRECONDITION'],
  ['Aborted', 'ABORTED'],
  ['OutOfRange', 'OUT_OF_RANGE'],
  ['Unimplemented', 'UNIMPLEMENTED'],
  ['Internal', 'INTERNAL'],
  ['Unavailable', 'UNAVAILABLE'],
  ['DataLoss', 'DATA_LOSS'],
  ['Unauthenticated', 'UNAUTHENTICATED'],
] as const;

export type GrpcStatusSpelling = 'CAMEL_STRING' | 'SNAKE_STRING' | 'NUMBER';

/** Codes that gRPC does not define are printed as numbers. */
export function formatGrpcStatus(status: number, spelling: GrpcStatusSpelling): string | number {
  const name = names[status];
  if (spelling === 'NUMBER') return status;
  if (name === undefined) return String(status);
  return spelling === 'CAMEL_STRING' ? name[0] : name[1];
}
