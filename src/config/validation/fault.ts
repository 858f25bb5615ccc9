/** Delays and aborts that an HTTP rule injects. */

import { grpcStatusNames } from '../../model/grpc-status-names.ts';
import type { Path, Problems } from '../problem.ts';
import type { HttpFaultAbort, HttpFaultInjection } from '../schema/http-fault.ts';
import { checkDuration, checkPercent, checkResponseStatus } from './values.ts';

export function checkFault(fault: HttpFaultInjection, path: Path, problems: Problems): void {
  const { abort, delay } = fault;
  if (abort === undefined && delay === undefined) {
    problems.invalid(path, 'a fault needs a delay or an abort');
  }
  if (delay !== undefined) {
    const place = [...path, 'delay'];
    checkFraction(delay.percentage?.value, [...place, 'percentage', 'value'], problems);
    checkPercent(delay.percent, [...place, 'percent'], problems);
    checkDuration(delay.fixedDelay, [...place, 'fixedDelay'], problems);
    if (delay.exponentialDelay !== undefined) {
      problems.invalid([...place, 'exponentialDelay'], 'exponentialDelay is not supported');
    }
  }
  if (abort !== undefined) checkAbort(abort, [...path, 'abort'], problems);
}

function checkAbort(abort: HttpFaultAbort, path: Path, problems: Problems): void {
  checkFraction(abort.percentage?.value, [...path, 'percentage', 'value'], problems);
  if (abort.httpStatus !== undefined) {
    checkResponseStatus(abort.httpStatus, [...path, 'httpStatus'], problems);
  } else if (abort.grpcStatus !== undefined) {
    if (grpcStatusNames.includes(abort.grpcStatus)) return;
    const hint = 'for example NOT_FOUND or UNAVAILABLE';
    problems.invalid([...path, 'grpcStatus'], `"${abort.grpcStatus}" is not a gRPC status`, hint);
  } else if (abort.http2Error !== undefined) {
    problems.invalid([...path, 'http2Error'], 'http2Error is not supported');
  } else problems.doubtful(path, 'the abort has neither httpStatus nor grpcStatus');
}

/** Envoy counts in millionths. */
function checkFraction(value: number | undefined, path: Path, problems: Problems): void {
  if (value === undefined || value === 0 || (value >= 0.0001 && value <= 100)) return;
  problems.invalid(path, `the percentage must be 0, or 0.0001 to 100, not ${value}`);
}
