/**
 * Filter chains at work. A reload replaces their models; connections keep the chain they have, and
 * end where it is not the same any more.
 */

import { AddressSet } from '../../base/address-set.ts';
import { isDeepStrictEqual } from '../../base/node-util.ts';
import type { FilterChain, HttpFilterChain, TcpFilterChain } from '../../model/filter-chain.ts';
import { TcpProxyStats } from '../../telemetry/metrics/tcp-proxy-stats.ts';
import type { TlsContexts } from '../../transport/tls-contexts.ts';
import { TlsChain } from '../tls/tls-chain.ts';

export class ActiveHttpChain {
  readonly kind = 'http';
  /** Who is internal; null: nobody. */
  internalAddresses: AddressSet | null = null;
  /** null where TLS does not end here. */
  tls: TlsChain | null = null;
  readonly #contexts: TlsContexts;
  #model: HttpFilterChain;

  constructor(model: HttpFilterChain, contexts: TlsContexts) {
    this.#contexts = contexts;
    this.#model = model;
    this.model = model;
  }

  get model(): HttpFilterChain {
    return this.#model;
  }

  set model(model: HttpFilterChain) {
    const { internalAddresses } = model.http;
    this.#model = model;
    this.internalAddresses = internalAddresses === null ? null : new AddressSet(internalAddresses);
    this.tls = model.tls === null ? null : new TlsChain(model.tls, this.#contexts);
  }
}

export class ActiveTcpChain {
  readonly kind = 'tcp';
  readonly stats: TcpProxyStats;
  tls: TlsChain | null = null;
  readonly #contexts: TlsContexts;
  #model: TcpFilterChain;

  constructor(model: TcpFilterChain, contexts: TlsContexts, stats = new TcpProxyStats()) {
    this.stats = stats;
    this.#contexts = contexts;
    this.#model = model;
    this.model = model;
  }

  get model(): TcpFilterChain {
    return this.#model;
  }

  set model(model: TcpFilterChain) {
    this.#model = model;
    this.tls = model.tls === null ? null : new TlsChain(model.tls, this.#contexts);
  }
}

export type ActiveFilterChain = ActiveHttpChain | ActiveTcpChain;

/**
 * The chains of `models`, in order; those of `previous` with the same name go on, unless other
 * connections are let in now: those that they have must not live by the old rules.
 */
export function adoptFilterChains(
  models: readonly FilterChain[],
  previous: readonly ActiveFilterChain[],
  contexts: TlsContexts,
): ActiveFilterChain[] {
  return models.map((model) => {
    const same = previous.find((chain) => chain.model.name === model.name);
    const goesOn = same !== undefined && letsInTheSame(same.model, model);
    if (model.kind === 'http') {
      if (same?.kind !== 'http' || !goesOn) return new ActiveHttpChain(model, contexts);
      same.model = model;
      return same;
    }
    if (same?.kind !== 'tcp') return new ActiveTcpChain(model, contexts);
    if (!goesOn) return new ActiveTcpChain(model, contexts, same.stats);
    same.model = model;
    return same;
  });
}

function letsInTheSame(a: FilterChain, b: FilterChain): boolean {
  return isDeepStrictEqual(a.match, b.match) && isDeepStrictEqual(a.tls, b.tls);
}
