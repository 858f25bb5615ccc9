/** What a request must pass before a route sends it on, and who answers in its place, in words. */

import type {
  ConcurrencyLimit,
  LocalRateLimit,
  RequestAdmission,
  SourceIpRules,
} from '../model/request-admission.ts';
import type { Route } from '../model/route.ts';
import type { PolicyValue } from './explained-target.ts';
import type { PolicyWriter } from './policy-value.ts';

/** None for a route that asks for nothing: most do. */
export function describeAdmission(route: Route, writer: PolicyWriter): PolicyValue[] {
  const { admission, customResponse } = route;
  const lines = admission === undefined ? [] : admissionLines(admission);
  if (customResponse !== undefined) {
    const { statuses, withoutEndpoints, cluster } = customResponse;
    const absent = withoutEndpoints === true ? ['requests without an endpoint'] : [];
    const value = `${[...statuses, ...absent].join(', ')} are answered by ${cluster}`;
    lines.push(['error pages', value, 'errorResponses']);
  }
  return lines.map(([name, value, field]) => writer.value(name, value, [field]));
}

/** `field`: of the extension of its rule. */
type Line = readonly [name: string, value: string, field: string];

function admissionLines(admission: RequestAdmission): Line[] {
  const { rateLimits, concurrencyLimits, sourceIps, maxRequestBytes } = admission;
  const lines: Line[] = [];
  if (maxRequestBytes !== null) {
    const value = `at most ${maxRequestBytes} bytes, over it 413`;
    lines.push(['request body', value, 'maxRequestBytes']);
  }
  for (const limit of rateLimits) lines.push(['rate limit', describeRate(limit), 'rateLimits']);
  for (const limit of concurrencyLimits) {
    lines.push(['concurrency', describeConcurrency(limit), 'concurrencyLimits']);
  }
  if (sourceIps !== null) lines.push(['sources', describeSources(sourceIps), 'sourceIps']);
  return lines;
}

function describeRate(limit: LocalRateLimit): string {
  const { milliRequestsPerSecond, burst, status } = limit;
  const rate =
    milliRequestsPerSecond < 1000
      ? `${Math.round(milliRequestsPerSecond * 0.06)} a minute`
      : `${milliRequestsPerSecond / 1000} a second`;
  return `${rate} from each address and ${burst} at once more, over it ${status}${exempted(limit)}`;
}

function describeConcurrency(limit: ConcurrencyLimit): string {
  const { maxRequests, status } = limit;
  return `${maxRequests} requests of each address, over it ${status}${exempted(limit)}`;
}

function exempted({ exempt }: { readonly exempt: readonly string[] }): string {
  return exempt.length === 0 ? '' : `, but for ${exempt.join(', ')}`;
}

function describeSources({ deny, allow }: SourceIpRules): string {
  const denied = deny.length === 0 ? '' : `not ${deny.join(', ')}`;
  const allowed = allow === null ? '' : `only ${allow.join(', ') || 'nobody'}`;
  return `${[denied, allowed].filter((part) => part !== '').join('; ') || 'all'}, others get 403`;
}
