/** Filter chains at work. A reload replaces their models; connections keep the chain they have. */

import { AddressSet } from '../base/address-set.ts';
import type { FilterChain, HttpFilterChain, TcpFilterChain } from '../model/filter-chain.ts';

export class ActiveHttpChain {
  readonly kind = 'http';
  /** Who is internal; null: nobody. */
  internalAddresses: AddressSet | null = null;
  #model: HttpFilterChain;

  constructor(model: HttpFilterChain) {
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
  }
}

export class ActiveTcpChain {
  readonly kind = 'tcp';
  model: TcpFilterChain;

  constructor(model: TcpFilterChain) {
    this.model = model;
  }
}

export type ActiveFilterChain = ActiveHttpChain | ActiveTcpChain;

/** The chains of `models`, in order; those of `previous` with the same name and kind go on. */
export function adoptFilterChains(
  models: readonly FilterChain[],
  previous: readonly ActiveFilterChain[],
): ActiveFilterChain[] {
  return models.map((model) => {
    const same = previous.find((chain) => chain.model.name === model.name);
    if (model.kind === 'http') {
      if (same?.kind !== 'http') return new ActiveHttpChain(model);
      same.model = model;
      return same;
    }
    if (same?.kind !== 'tcp') return new ActiveTcpChain(model);
    same.model = model;
    return same;
  });
}
