/** limit-rps, limit-rpm, limit-connections: how much each client address may ask for. */

import type { ConcurrencyLimit, LocalRateLimit } from '../../../../model/request-admission.ts';
import type { RouteExtension } from '../../../schema/route-extension.ts';
import type { AnnotationReader } from './annotation-reader.ts';

type Limits = Pick<RouteExtension, 'rateLimits' | 'concurrencyLimits'>;

/** The controller's limit-req-status-code and limit-conn-status-code. */
const tooMany = 503;
const defaultBurstMultiplier = 5;

/** All rules of an Ingress count together. */
export function readLimits(reader: AnnotationReader): Limits {
  const exemptName = reader.nameOf(['limit-allowlist', 'limit-whitelist']);
  const exempt = exemptName === null ? [] : (reader.addressRanges(exemptName) ?? []);
  const { namespace, name } = reader.ingress.metadata;
  const multiplier = reader.integer('limit-burst-multiplier', { min: 1, max: 1000 });
  const common = { status: tooMany, exempt };
  // nginx asks in this order, and remembers a request only where both let it through.
  const rateLimits = [
    { unit: 'rpm', perSecond: 1 / 60 },
    { unit: 'rps', perSecond: 1 },
  ].flatMap(({ unit, perSecond }): LocalRateLimit[] => {
    const requests = reader.integer(`limit-${unit}`, { min: 0, max: 1_000_000 }) ?? 0;
    if (requests === 0) return [];
    return [
      {
        name: `${namespace}/${name} ${unit}`,
        // nginx computes in whole thousandths, rounded down.
        milliRequestsPerSecond: Math.floor(requests * 1000 * perSecond),
        burst: requests * (multiplier ?? defaultBurstMultiplier),
        ...common,
      },
    ];
  });
  const connections = reader.integer('limit-connections', { min: 0, max: 65_535 }) ?? 0;
  const concurrencyLimits: ConcurrencyLimit[] =
    connections === 0
      ? []
      : [{ name: `${namespace}/${name} connections`, maxRequests: connections, ...common }];
  return {
    ...(rateLimits.length === 0 ? {} : { rateLimits }),
    ...(concurrencyLimits.length === 0 ? {} : { concurrencyLimits }),
  };
}
