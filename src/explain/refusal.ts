/** What stands between a route and its clients, where that is certain of this very request. */

import type { Route } from '../model/route.ts';
import { SourceIpFilter } from '../proxy/admission/source-ip-filter.ts';
import type { AskedRequest } from './asked-request.ts';

export interface Refusal {
  readonly status: number;
  /** In words, to follow "is refused with 403:". */
  readonly reason: string;
}

/** null: the request may go on, unless the client has used up a limit. */
export function refusalOf(
  { admission }: Route,
  { headers }: AskedRequest,
  client: string,
): Refusal | null {
  if (admission === undefined) return null;
  const { maxRequestBytes, sourceIps } = admission;
  const announced = Number(headers.get('content-length') ?? 0);
  if (maxRequestBytes !== null && announced > maxRequestBytes) {
    const reason = `its body of ${announced} bytes is larger than the ${maxRequestBytes} that are taken`;
    return { status: 413, reason };
  }
  if (sourceIps !== null && !new SourceIpFilter(sourceIps).admits(client)) {
    return { status: 403, reason: `its client, ${client}, is in no range that is served` };
  }
  return null;
}
