/** The counts of clients that a configuration's limits are held against, by the limits' names. */

import { AddressSets } from '../../base/address-set.ts';
import type { Mesh } from '../../model/mesh.ts';
import { ConcurrencyZone } from './concurrency-zone.ts';
import { RateLimitZone } from './rate-limit-zone.ts';

export interface LimitZones {
  /** Of the ranges that limits and routes name. */
  readonly addresses: AddressSets;
  readonly rates: ReadonlyMap<string, RateLimitZone>;
  readonly concurrency: ReadonlyMap<string, ConcurrencyZone>;
}

/** Of a proxy that has no configuration yet. */
export function noZones(): LimitZones {
  return { addresses: new AddressSets(), rates: new Map(), concurrency: new Map() };
}

/** `previous`: what its limits have counted goes on where a limit has the same name. */
export function limitZones(mesh: Mesh, previous: LimitZones): LimitZones {
  const rates = new Map<string, RateLimitZone>();
  const concurrency = new Map<string, ConcurrencyZone>();
  for (const { virtualHosts } of mesh.routeTables) {
    for (const { routes } of virtualHosts) {
      for (const { admission } of routes) {
        for (const { name } of admission?.rateLimits ?? []) {
          rates.set(name, previous.rates.get(name) ?? rates.get(name) ?? new RateLimitZone());
        }
        for (const { name } of admission?.concurrencyLimits ?? []) {
          const known = previous.concurrency.get(name) ?? concurrency.get(name);
          concurrency.set(name, known ?? new ConcurrencyZone());
        }
      }
    }
  }
  return { addresses: new AddressSets(), rates, concurrency };
}
